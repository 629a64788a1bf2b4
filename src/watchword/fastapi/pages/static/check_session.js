// Answers an application's question whether its login is still the browser's (OpenID Connect Session Management 1.0 section 3.2).
"use strict";
(() => {
  const name = document.currentScript.dataset.cookie;
  const state = () => {
    const found = document.cookie.split("; ").find((each) => each.startsWith(name + "="));
    return found === undefined ? "" : found.slice(name.length + 1);
  };
  const judge = async (text, origin) => {
    const [clientId, sessionState, more] = text.split(" ");
    const [mac, salt, rest] = (sessionState || "").split(".");
    if (!clientId || !mac || !salt || more !== undefined || rest !== undefined) return "error";
    const bytes = new TextEncoder().encode([clientId, origin, state(), salt].join(" "));
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex === mac ? "unchanged" : "changed";
  };
  window.addEventListener("message", async (event) => {
    if (typeof event.data !== "string" || event.source === null || event.origin === "null") return;
    event.source.postMessage(await judge(event.data, event.origin), event.origin);
  });
})();
