// Keys on lists: arrows move (down also leaves the search), Space selects, Enter opens, / searches, ? helps, Esc closes.
(() => {
  const rows = () => [...document.querySelectorAll("#list [data-row]")];
  const isTyping = (node) => node.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement?.closest?.("[data-row]"));
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    for (const row of all) row.removeAttribute("tabindex");
    next.tabIndex = 0;
    next.focus({ preventScroll: false });
  }

  function onRow(event, row) {
    if (event.key === " " && event.target === row) {
      row.querySelector("[data-pick]")?.click();
      event.preventDefault();
    }
    if (event.key === "Enter" && event.target === row) {
      row.querySelector("[data-open]")?.click();
      event.preventDefault();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || event.target.closest("details[data-menu][open]")) return;
    if (event.key === "ArrowDown" && event.target.matches("[data-search]")) {
      move(1);
      event.preventDefault();
    }
    if (isTyping(event.target)) return;
    const row = event.target.closest("[data-row]");
    if (row) onRow(event, row);
    const isOnList = row || event.target === document.body || event.target.closest("#list [role=region]");
    if (isOnList && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      move(event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
    }
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      search?.focus();
      search?.select();
      if (search) event.preventDefault();
    }
    if (event.key === "?") document.getElementById("shortcuts")?.togglePopover();
  });
})();
