// Message bars and toasts: dismissed by their cross; a lost connection says so until an answer comes.
(() => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-message]")?.remove();
  });

  // Behind an open dialog a toast would be dimmed and out of reach: it stands in the dialog instead.
  const holder = () => document.querySelector("dialog[open] .pane-body") || document.getElementById("toasts");
  function place() {
    const found = holder();
    if (found?.id !== "toasts") for (const old of found.querySelectorAll("[data-toast]")) old.remove();
    return found;
  }

  // That nothing answers is said once, however often a poll fails, and no longer than it is so.
  const isSaid = () => Boolean(holder()?.querySelector("[data-away]"));
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "toasts") return;
    if (isSaid() && event.detail.serverResponse.includes("data-away")) event.detail.shouldSwap = false;
    else event.detail.target = place();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) for (const old of document.querySelectorAll("[data-away]")) old.remove();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    event.detail.target.querySelector?.(":scope > [data-toast]:last-child")?.scrollIntoView({ block: "nearest" });
  });

  function toast(text) {
    if (isSaid()) return;
    const node = document.createElement("div");
    node.className = "message toast";
    node.dataset.tone = "danger";
    node.dataset.message = node.dataset.toast = node.dataset.away = "";
    node.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = text;
    const cross = document.createElement("button");
    cross.type = "button";
    cross.className = "icon-button";
    cross.dataset.dismiss = "";
    cross.setAttribute("aria-label", "×");
    cross.textContent = "×";
    node.append(words, cross);
    document.getElementById("toasts")?.replaceChildren();
    place()?.append(node);
  }

  document.addEventListener("htmx:sendError", () => toast(document.body.dataset.offline));
})();
