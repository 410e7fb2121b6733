// Menus are <details>: one open at a time, closed by Esc or a click elsewhere; long command bars fold.
(() => {
  const open = () => [...document.querySelectorAll("details[data-menu][open]")];

  // A chosen command closes its menu too, once the click has done its work.
  document.addEventListener("click", (event) => {
    const isChosen = event.target.closest(".menu-list :is(a, button)");
    for (const menu of open()) {
      if (!menu.contains(event.target)) menu.open = false;
      else if (isChosen) setTimeout(() => { menu.open = false; });
    }
  });

  function step(menu, by) {
    const items = [...menu.querySelectorAll(".menu-list :is(a, button:not(:disabled))")];
    const at = items.indexOf(document.activeElement);
    items[at < 0 && by < 0 ? items.length - 1 : (at + by + items.length) % items.length]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu][open]");
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      step(menu, event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
    }
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.preventDefault();
    }
  });

  // A menu inside a scrolling table would be cut off: it is placed on the window instead.
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.open || !menu.matches?.(".grid details[data-menu]")) return;
    const list = menu.querySelector(".menu-list");
    const box = menu.querySelector("summary").getBoundingClientRect();
    const height = list.offsetHeight;
    const isLow = box.bottom + height + 8 > innerHeight;
    list.style.setProperty("--menu-top", `${isLow ? box.top - height - 4 : box.bottom + 4}px`);
    list.style.setProperty("--menu-right", `${innerWidth - box.right}px`);
  }, true);

  function fold(bar) {
    const more = bar.querySelector("[data-more]") || addMore(bar);
    const list = more.querySelector(".menu-list");
    for (const command of [...list.children]) bar.insertBefore(command, more);
    more.hidden = true;
    const commands = [...bar.querySelectorAll(":scope > .command")];
    while (bar.scrollWidth > bar.clientWidth + 1 && commands.length > 1) {
      more.hidden = false;
      list.prepend(commands.pop());
    }
  }

  function addMore(bar) {
    const more = document.createElement("details");
    more.className = "menu command-more";
    more.dataset.menu = more.dataset.more = "";
    const summary = document.createElement("summary");
    summary.className = "command";
    summary.textContent = "…";
    summary.setAttribute("aria-label", bar.dataset.moreLabel);
    const list = document.createElement("div");
    list.className = "menu-list";
    more.append(summary, list);
    bar.append(more);
    return more;
  }

  const watcher = new ResizeObserver((entries) => {
    for (const entry of entries) fold(entry.target);
  });
  const watch = () => {
    for (const bar of document.querySelectorAll("[data-command-bar]:not([data-watched])")) {
      bar.dataset.watched = "";
      fold(bar); // the watcher's first word comes with the first frame: until then the line would widen the page
      watcher.observe(bar);
    }
  };
  document.addEventListener("DOMContentLoaded", watch);
  document.addEventListener("htmx:load", watch);
})();
