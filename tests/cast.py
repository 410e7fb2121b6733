"""The cast of every test: two tenants and people with each role.

`admin` is Global Administrator of both; `outsider` belongs to Fabrikam only; `stranger` to none.
`tailwind` is a direct CSP reseller with the `reseller`, `litware` an OEM with the `maker`.
"""

from collections.abc import Callable

import pytest
from django.test import Client

from tenants import permissions
from tenants.models import Partner, Tenant, User
from tests import factories


@pytest.fixture
def contoso(db: None) -> Tenant:
    """The tenant most tests act in."""
    return factories.make_tenant("Contoso")


@pytest.fixture
def fabrikam(db: None) -> Tenant:
    """The other tenant, whose objects nobody of Contoso may see."""
    return factories.make_tenant("Fabrikam")


@pytest.fixture
def admin(contoso: Tenant, fabrikam: Tenant) -> User:
    """Global Administrator of both tenants."""
    person = factories.make_person("admin@contoso.example", name="Adele Vance")
    for tenant in (contoso, fabrikam):
        factories.join(tenant, person, permissions.GLOBAL_ADMINISTRATOR)
    return person


def _member(contoso: Tenant, word: str, role: str) -> User:
    person = factories.make_person(f"{word}@contoso.example", name=word.title())
    factories.join(contoso, person, role)
    return person


@pytest.fixture
def intune_admin(contoso: Tenant) -> User:
    """Intune Administrator of Contoso: everything but members and settings."""
    return _member(contoso, "intune", permissions.INTUNE_ADMINISTRATOR)


@pytest.fixture
def profile_manager(contoso: Tenant) -> User:
    """Policy and Profile Manager of Contoso: no managed devices."""
    return _member(contoso, "profiles", permissions.POLICY_AND_PROFILE_MANAGER)


@pytest.fixture
def school_admin(contoso: Tenant) -> User:
    """School Administrator of Contoso: cannot import."""
    return _member(contoso, "school", permissions.SCHOOL_ADMINISTRATOR)


@pytest.fixture
def help_desk(contoso: Tenant) -> User:
    """Help Desk Operator of Contoso: reads."""
    return _member(contoso, "helpdesk", permissions.HELP_DESK_OPERATOR)


@pytest.fixture
def reader(contoso: Tenant) -> User:
    """Read Only Operator of Contoso: reads."""
    return _member(contoso, "reader", permissions.READ_ONLY_OPERATOR)


@pytest.fixture
def outsider(fabrikam: Tenant) -> User:
    """Global Administrator of Fabrikam, unknown in Contoso."""
    person = factories.make_person("outsider@fabrikam.example", name="Outsider")
    factories.join(fabrikam, person, permissions.GLOBAL_ADMINISTRATOR)
    return person


@pytest.fixture
def stranger(db: None) -> User:
    """Someone who can sign in and belongs to no tenant."""
    return factories.make_person("stranger@example.org", name="Stranger")


@pytest.fixture
def superuser(db: None) -> User:
    """Operates the instance; has no right in any tenant."""
    return factories.make_person("root@example.org", name="Operator", is_superuser=True)


@pytest.fixture
def tailwind(db: None) -> Partner:
    """A direct CSP reseller that sells in Europe."""
    return factories.make_partner("Tailwind")


@pytest.fixture
def litware(db: None) -> Partner:
    """An OEM."""
    return factories.make_partner("Litware", kind=Partner.Kind.OEM)


@pytest.fixture
def reseller(tailwind: Partner) -> User:
    """Partner administrator of Tailwind; member of no tenant."""
    person = factories.make_person("ada@tailwind.example", name="Ada")
    factories.work_for(tailwind, person)
    return person


@pytest.fixture
def maker(litware: Partner) -> User:
    """Partner administrator of Litware; member of no tenant."""
    person = factories.make_person("max@litware.example", name="Max")
    factories.work_for(litware, person)
    return person


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser signed in as a person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
