// Goes back to the application once its other applications were told, or after five seconds.
"use strict";
(() => {
  const link = document.getElementById("continue");
  const leave = () => window.location.replace(link.href);
  if (document.readyState === "complete") leave();
  else window.addEventListener("load", leave, { once: true });
  window.setTimeout(leave, 5000);
})();
