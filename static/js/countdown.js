// Counts a [data-countdown] of seconds down to zero, then offers the page anew.
(() => {
  const minutes = (left) => `${Math.floor((left % 3600) / 60)} min`;
  const words = (left) => {
    if (left < 60) return `${left} s`;
    return left < 3600 ? `${minutes(left)} ${left % 60} s` : `${Math.floor(left / 3600)} h ${minutes(left)}`;
  };

  function start(element) {
    const end = Date.now() + Number(element.dataset.countdown) * 1000;
    element.removeAttribute("data-countdown");
    const timer = setInterval(() => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      if (!element.isConnected) return clearInterval(timer);
      element.textContent = words(left);
      if (left > 0) return;
      clearInterval(timer);
      element.closest("dl > div")?.remove();
    }, 1000);
  }

  const scan = () => document.querySelectorAll("[data-countdown]").forEach(start);
  document.addEventListener("DOMContentLoaded", scan);
  document.addEventListener("htmx:load", scan);
})();
