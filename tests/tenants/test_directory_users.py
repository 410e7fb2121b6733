"""Directory users: by hand, by CSV, licensed or not."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from devices.models import AutopilotDevice
from tenants.models import AuditEvent, DirectoryUser
from tenants.permissions import Actor
from tenants.services import directory_users, user_csv
from tests.factories import make_directory_user

USERS = "/t/contoso/users/"


def upns(tenant):
    return sorted(DirectoryUser.objects.of(tenant).values_list("user_principal_name", flat=True))


def load(tenant, data):
    data = data.encode() if isinstance(data, str) else data
    return user_csv.import_users(tenant=tenant, actor=Actor.system(), file=io.BytesIO(data))


def test_a_user_is_added_by_hand_and_audited(client_of, admin, contoso):
    sent = {"step": "confirm", "user_principal_name": " Ada@Contoso.example ", "is_licensed": "on"}
    client_of(admin).post(f"{USERS}new/", sent)
    user = DirectoryUser.objects.of(contoso).get()
    assert (user.user_principal_name, user.is_licensed) == ("Ada@Contoso.example", True)
    assert AuditEvent.objects.get(activity="user.created").targets.get().object_id == user.pk


@pytest.mark.parametrize(
    "upn",
    [
        "",
        "ada",
        "ada@",
        "@x.example",
        "a b@x.example",
        "a\x00@x.example",
        "ä@x.example",
        "x" * 200 + "@x.example",
    ],
)
def test_an_impossible_name_is_refused_at_its_field(client_of, admin, contoso, upn):
    answer = client_of(admin).post(f"{USERS}new/", {"step": "confirm", "user_principal_name": upn})
    assert answer.status_code == 422
    assert not DirectoryUser.objects.of(contoso).exists()


def test_the_same_name_in_other_case_is_refused(client_of, admin, contoso):
    make_directory_user(contoso, "ada@contoso.example")
    sent = {"step": "confirm", "user_principal_name": "ADA@contoso.example"}
    assert client_of(admin).post(f"{USERS}new/", sent).status_code == 422


def test_two_tenants_may_hold_the_same_name(contoso, fabrikam):
    for tenant in (contoso, fabrikam):
        directory_users.add(tenant=tenant, actor=Actor.system(), user_principal_name="ada@x.example")
    assert upns(contoso) == upns(fabrikam)


def test_an_edit_in_an_old_tab_changes_nothing(client_of, admin, contoso):
    user = make_directory_user(contoso, "ada@contoso.example")
    client = client_of(admin)
    sent = {"user_principal_name": "ada@contoso.example", "display_name": "Ada", "revision": 1}
    assert client.post(f"{USERS}{user.pk}/", sent).status_code == 302
    assert client.post(f"{USERS}{user.pk}/", {**sent, "display_name": "Eve"}).status_code == 409
    user.refresh_from_db()
    assert (user.display_name, user.revision) == ("Ada", 2)


def test_an_edit_is_audited_with_only_what_changed(contoso, admin):
    user = make_directory_user(contoso, "ada@contoso.example", display_name="Ada")
    directory_users.edit(
        tenant=contoso,
        actor=Actor(user=admin),
        user=user,
        revision=1,
        user_principal_name="ada@contoso.example",
        display_name="Ada L.",
        is_licensed=True,
    )
    seen = AuditEvent.objects.get(activity="user.updated").targets.get()
    assert (seen.before, seen.after) == ({"display_name": "Ada"}, {"display_name": "Ada L."})


def test_the_licence_of_selected_users_is_switched(client_of, admin, contoso):
    users = [make_directory_user(contoso, is_licensed=False) for _each in range(3)]
    sent = {"step": "confirm", "selection": [str(user.pk) for user in users[:2]]}
    client_of(admin).post(f"{USERS}license/", sent)
    assert DirectoryUser.objects.of(contoso).licensed().count() == 2
    assert AuditEvent.objects.get(activity="user.licence_changed").target_count == 2


@pytest.mark.parametrize("command", ["license", "delete"])
def test_a_command_leads_back_to_the_list_as_it_was(client_of, admin, contoso, command):
    user = make_directory_user(contoso, is_licensed=False)
    here = f"{USERS}?q=user&sort=-display_name"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    sent = {"step": "confirm", "selection": str(user.pk)}
    answer = client_of(admin).post(f"{USERS}{command}/", sent, headers=headers)
    assert answer["HX-Redirect"] == here


def test_a_saved_user_stays_over_the_list_as_it_was(client_of, admin, contoso):
    user = make_directory_user(contoso, "ada@contoso.example")
    here = f"{USERS}{user.pk}/?q=ada"
    client = client_of(admin)
    assert f'hx-post="{here}"' in client.get(here).content.decode()
    sent = {"user_principal_name": "ada@contoso.example", "display_name": "Ada", "revision": 1}
    assert client.post(here, sent)["Location"] == here


def test_everything_that_matches_is_switched(client_of, admin, contoso):
    for name in ("ada", "adam", "eve"):
        make_directory_user(contoso, f"{name}@contoso.example")
    sent = {"step": "confirm", "selection": "matching", "query": "q=ada"}
    client_of(admin).post(f"{USERS}unlicense/", sent)
    assert [user.user_principal_name for user in DirectoryUser.objects.of(contoso).licensed()] == [
        "eve@contoso.example"
    ]


def test_another_tenants_users_cannot_be_selected(client_of, admin, contoso, fabrikam):
    other = make_directory_user(fabrikam, "eve@fabrikam.example")
    answer = client_of(admin).post(f"{USERS}delete/", {"step": "confirm", "selection": str(other.pk)})
    assert answer.status_code in (302, 400)
    assert upns(fabrikam) == ["eve@fabrikam.example"]


def test_deleting_a_user_leaves_the_name_on_the_device(client_of, admin, contoso):
    user = make_directory_user(contoso, "ada@contoso.example")
    device = AutopilotDevice.objects.create(
        tenant=contoso,
        serial_number="SN1",
        manufacturer="X",
        user=user,
        user_principal_name=user.user_principal_name,
    )
    client_of(admin).post(f"{USERS}delete/", {"step": "confirm", "selection": str(user.pk)})
    device.refresh_from_db()
    assert (device.user, device.user_principal_name) == (None, "ada@contoso.example")


def test_the_picker_suggests_users_by_fragment(client_of, reader, contoso):
    make_directory_user(contoso, "ada@contoso.example")
    make_directory_user(contoso, "eve@contoso.example")
    page = client_of(reader).get(f"{USERS}options/?q=AD").content.decode()
    assert "ada@contoso.example" in page
    assert "eve@contoso.example" not in page


def test_a_csv_adds_updates_and_counts(contoso):
    make_directory_user(contoso, "ADA@contoso.example", display_name="Ada", is_licensed=False)
    make_directory_user(contoso, "eve@contoso.example", display_name="Eve")
    done = load(
        contoso,
        "userPrincipalName,displayName,licensed\nada@contoso.example,,true\neve@contoso.example,Eve,yes\nbob@contoso.example,Bob,no\n",
    )
    assert (done.added, done.updated, done.unchanged) == (1, 1, 1)
    ada = DirectoryUser.objects.of(contoso).get(user_principal_name__iexact="ada@contoso.example")
    assert (ada.display_name, ada.is_licensed, ada.revision) == ("Ada", True, 2)


def test_the_lists_own_export_is_read_back(client_of, admin, contoso, fabrikam):
    make_directory_user(contoso, "ada@contoso.example", display_name="-Ada-", is_licensed=True)
    make_directory_user(contoso, "eve@contoso.example", display_name="Eve", is_licensed=False)
    exported = b"".join(client_of(admin).get(f"{USERS}export.csv").streaming_content)
    load(fabrikam, exported)
    values = ("user_principal_name", "display_name", "is_licensed")
    here, there = (
        list(DirectoryUser.objects.of(each).order_by(*values).values_list(*values))
        for each in (contoso, fabrikam)
    )
    assert here == there


@pytest.mark.parametrize(
    "data",
    [
        "UPN;Display Name;Licenses\r\nada@x.example;Ada;Microsoft 365 E5\r\n".encode("utf-16"),
        "\ufeffUser principal name\tDisplay name\tIs licensed\nada@x.example\tAda\t1\n".encode(),
        "Display name,User Principal Name,licensed\nÄda,ada@x.example,TRUE\n".encode("cp1252"),
        b'"userPrincipalName","displayName","licensed"\n"ada@x.example","Ada, Countess",y\n',
    ],
)
def test_a_csv_is_read_in_the_shapes_admins_have(contoso, data):
    assert load(contoso, data).added == 1
    assert DirectoryUser.objects.of(contoso).get().is_licensed


def test_faulty_rows_are_named_and_nothing_is_saved(contoso):
    with pytest.raises(user_csv.BadRows) as refused:
        load(contoso, "upn\nada@x.example\nnobody\nADA@x.example\n")
    assert [error.line for error in refused.value.errors] == [3, 4]
    assert upns(contoso) == []


def test_a_page_with_faulty_rows_names_their_lines(client_of, admin, contoso):
    file = SimpleUploadedFile("users.csv", b"upn\nnobody\n")
    answer = client_of(admin).post(f"{USERS}import/", {"file": file})
    assert answer.status_code == 422
    assert "is not a user principal name" in answer.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"PK\x03\x04" + bytes(200),
        b"name only\nAda\n",
        b"upn\n",
        b"upn\n" + b"x" * 10_000_000,
        b"upn\na\x00b@x.example\n",
        b",".join([b"c"] * 10_000) + b"\n1\n",
        "upn\nada@x.example\n".encode("utf-16")[:-1],
    ],
)
def test_hostile_files_are_refused_in_words(client_of, admin, contoso, data):
    answer = client_of(admin).post(f"{USERS}import/", {"file": SimpleUploadedFile("users.csv", data)})
    assert answer.status_code == 422
    assert upns(contoso) == []


def test_a_csv_with_too_many_rows_is_refused(contoso, monkeypatch):
    monkeypatch.setattr(user_csv, "MOST_ROWS", 2)
    with pytest.raises(user_csv.BadFile):
        load(contoso, "upn\n" + "".join(f"u{n}@x.example\n" for n in range(3)))


def test_the_list_costs_the_same_for_ten_and_a_thousand_users(
    client_of, admin, contoso, django_assert_max_num_queries
):
    client = client_of(admin)
    for _round in range(2):
        DirectoryUser.objects.bulk_create(
            DirectoryUser(tenant=contoso, user_principal_name=f"{uuid.uuid4()}@x.example")
            for _n in range(500)
        )
        with django_assert_max_num_queries(10):
            assert client.get(USERS).status_code == 200
