// Sends the authorization response on at once (OAuth 2.0 Form Post Response Mode); without scripts there is a button.
document.getElementById("form_post").submit();
