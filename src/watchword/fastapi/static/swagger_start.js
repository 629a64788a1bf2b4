"use strict";
// Starts Swagger UI from the settings in the page, so that the page needs no inline script.
const settings = JSON.parse(document.getElementById("settings").textContent);
const ui = SwaggerUIBundle({
  ...settings.ui,
  url: settings.url,
  ...(settings.redirect && { oauth2RedirectUrl: new URL(settings.redirect, location.origin).href }),
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
if (settings.oauth) ui.initOAuth(settings.oauth);
