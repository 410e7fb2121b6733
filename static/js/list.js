// Lists: which rows are ticked, which commands that enables, what links go with the state, clicks on a row.
(() => {
  const picks = () => [...document.querySelectorAll("#list [data-pick]")];
  const matching = () => document.querySelector("#list [data-pick-matching] input");

  function count() {
    if (matching()?.checked) return Infinity;
    return picks().filter((box) => box.checked).length;
  }

  function refresh() {
    const boxes = picks();
    const chosen = boxes.filter((box) => box.checked).length;
    const all = document.querySelector("#list [data-pick-all]");
    if (all) {
      all.checked = boxes.length > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const whole = document.querySelector("#list [data-pick-matching]");
    if (whole) {
      whole.hidden = !(all?.checked || whole.querySelector("input").checked);
      if (whole.hidden) whole.querySelector("input").checked = false;
    }
    for (const box of boxes) box.closest("[data-row]").toggleAttribute("data-picked", box.checked);
    enable(count());
  }

  function enable(chosen) {
    for (const button of document.querySelectorAll("[data-needs]")) {
      const fits = button.dataset.needs === "one" ? chosen === 1 : chosen > 0;
      button.disabled = !fits;
    }
    const label = document.querySelector("[data-selected-count]");
    if (!label) return;
    const total = document.querySelector("#list [data-count]")?.textContent.trim();
    const amount = chosen === Infinity ? total : chosen;
    label.textContent = chosen === 0 ? "" : `${amount} ${label.dataset.label}`;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      for (const box of picks()) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-pick-all], [data-pick], [data-pick-matching] input")) refresh();
  });

  // Shift-click picks the range from the last picked row.
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-pick]");
    if (box) {
      const boxes = picks();
      if (event.shiftKey && last && boxes.includes(last)) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
        refresh();
      }
      last = box;
      return;
    }
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("a, button, input, summary, details, label")) return;
    if (getSelection().toString()) return;
    row.querySelector("[data-open]")?.click();
  });

  // Rows of a list that opens pages follow their link; only flyout lists load by htmx.
  document.addEventListener("htmx:confirm", (event) => {
    const link = event.target.closest?.("[data-plain-links] [data-open]");
    if (!link) return;
    event.preventDefault();
    location.assign(link.href);
  });

  // The command bar stays while htmx changes the list: its links follow what is searched and filtered.
  function follow() {
    const list = document.getElementById("list");
    if (!list) return;
    for (const link of document.querySelectorAll("[data-export]")) {
      const base = link.dataset.export;
      link.href = base + (list.dataset.query && (base.includes("?") ? "&" : "?")) + list.dataset.query;
    }
    for (const link of document.querySelectorAll("[data-refresh]")) link.href = list.dataset.listUrl;
  }

  document.addEventListener("htmx:load", follow);
  document.addEventListener("htmx:load", refresh);
  document.addEventListener("DOMContentLoaded", refresh);
  window.addEventListener("pageshow", refresh);
})();
