// Flyout and dialog: shown when htmx fills them, closed by Esc, the cross or Cancel.
// A dialog on a page of its own (#panel) is filled in place.
(() => {
  const flyout = () => document.getElementById("flyout");
  const dialog = () => document.getElementById("dialog");
  const openers = {};

  // Where the focus returns to: what was clicked, or the menu it was in.
  function from() {
    const active = document.activeElement;
    return active.closest("details[data-menu]")?.querySelector("summary") || active;
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "dialog" && !dialog().open) openers.dialog = from();
    if (event.detail.target?.id === "flyout" && !flyout().firstElementChild) openers.flyout = from();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    const isPage = target.id === "panel";
    if (isPage || (target.id === "dialog" && target.innerHTML.trim())) {
      if (!isPage && !target.open) target.showModal();
      const first = ["[aria-invalid=true]", "[autofocus]", ".pane-body :is(input:not([type=hidden]), select)"];
      first.map((each) => target.querySelector(each)).find(Boolean)?.focus();
    }
    if (target.id === "flyout") {
      mark();
      target.querySelector("[data-flyout]")?.focus({ preventScroll: true });
    }
  });

  function mark() {
    const path = location.pathname;
    for (const link of document.querySelectorAll("#list [data-open]")) {
      const isOpen = Boolean(flyout()?.firstElementChild) && new URL(link.href).pathname === path;
      link.closest("[data-row]").toggleAttribute("data-current", isOpen);
    }
    for (const tab of document.querySelectorAll(".tabs [aria-current]")) center(tab);
  }

  // Sideways only: the page itself must not move under a person who is typing further down.
  function center(tab) {
    const bar = tab.closest(".tabs");
    const [outer, inner] = [bar.getBoundingClientRect(), tab.getBoundingClientRect()];
    bar.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }

  function closeFlyout() {
    const list = document.getElementById("list")?.dataset.listUrl;
    if (!list) return false;
    const row = document.querySelector("#list [data-current] [data-open]");
    flyout().replaceChildren();
    history.pushState({ htmx: true }, "", list);
    mark();
    (openers.flyout?.isConnected ? openers.flyout : row)?.focus();
    return true;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-flyout]") && closeFlyout()) event.preventDefault();
    if (event.target.closest("#dialog [data-close]")) {
      dialog().close();
      event.preventDefault();
    }
  });

  document.addEventListener("close", (event) => {
    if (event.target.id !== "dialog") return;
    event.target.replaceChildren();
    if (openers.dialog?.isConnected) openers.dialog.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], [popover]:popover-open, details[data-menu][open]")) return;
    if (flyout()?.firstElementChild) closeFlyout();
  });

  document.addEventListener("htmx:pushedIntoHistory", mark);
  document.addEventListener("DOMContentLoaded", mark);
  document.addEventListener("htmx:load", mark);
})();
