"use strict";
// The theme follows the system until the reader chooses one. Browsers may refuse to store it.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const saveTheme = (theme) => {
    try {
      localStorage.setItem("papertrack-theme", theme);
    } catch { /* storage is blocked for this page */ }
  };
  const savedTheme = () => {
    try {
      return localStorage.getItem("papertrack-theme");
    } catch {
      return null;
    }
  };
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const connect = () => {
    const dark = document.querySelector("#dark");
    const show = () => dark.setAttribute("aria-pressed", String(isDark()));
    dark.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      saveTheme(root.dataset.theme);
      show();
    });
    system.addEventListener("change", show);
    dark.hidden = false;
    show();
  };

  const saved = ["dark", "light"].find((theme) => theme === savedTheme());
  if (saved) root.dataset.theme = saved;
  document.addEventListener("DOMContentLoaded", connect);
})();
