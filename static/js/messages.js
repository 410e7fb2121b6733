// Message bars and toasts: dismissed by their cross; a lost connection says so.
(() => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-message]")?.remove();
  });

  function toast(text) {
    const node = document.createElement("div");
    node.className = "message toast";
    node.dataset.tone = "danger";
    node.dataset.message = "";
    const words = document.createElement("p");
    words.textContent = text;
    const cross = document.createElement("button");
    cross.type = "button";
    cross.className = "icon-button";
    cross.dataset.dismiss = "";
    cross.setAttribute("aria-label", "×");
    cross.textContent = "×";
    node.append(words, cross);
    document.getElementById("toasts")?.replaceChildren(node);
  }

  document.addEventListener("htmx:sendError", () => toast(document.body.dataset.offline));
})();
