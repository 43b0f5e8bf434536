// Swaps the token in the address's fragment for a cookie, and keeps the login's secret where
// only this origin finds it.
"use strict";
(() => {
  const instance = document.querySelector("meta[name=maestro-instance]").content;
  const form = document.getElementById("login-form");
  const field = document.getElementById("login-token");
  const problem = document.getElementById("login-error");
  const button = form.querySelector("button");

  const theme = /(?:^|; )maestro_theme=(dark|light|auto)/.exec(document.cookie)?.[1] ?? "auto";
  const light = theme === "light" || (theme === "auto" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";

  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };

  const logIn = async (token) => {
    button.disabled = true;
    try {
      const response = await fetch("/api/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token }),
      });
      const answer = await response.json();
      if (!answer.success) return complain(answer.error.message);
      localStorage.setItem(`maestro-secret:${instance}`, answer.data.secret);
      location.replace("/");
    } catch {
      complain("Maestro does not answer. Check that it runs, then try again.");
    } finally {
      button.disabled = false;
    }
  };

  const tokenOf = (text) => /(?:^|#t=)([0-9a-f]{64})$/.exec(text.trim())?.[1];

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = tokenOf(field.value);
    if (token) logIn(token);
    else complain("That is not a login link. It ends in #t= and 64 letters and digits.");
  });

  const follow = () => {
    const link = location.hash;
    if (!link) return;
    history.replaceState(null, "", "/login");
    const token = tokenOf(link);
    if (token) logIn(token);
    else complain("This login link is incomplete. Copy the whole link, or make another one.");
  };
  // A link that is opened in a tab that is here already changes nothing but the fragment.
  addEventListener("hashchange", follow);
  follow();
})();
