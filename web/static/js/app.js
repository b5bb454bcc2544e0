// What the pages gain from a script. Without it they work the same: every form is a plain POST.

const live = document.getElementById("live");

function say(words) {
  live.textContent = "";
  requestAnimationFrame(() => {
    live.textContent = words;
  });
}

// A server's answer may carry HX-Trigger: {"announce": "Moved to Tue 24 Nov, 09:00 WIB"}.
document.body.addEventListener("announce", (event) => say(event.detail.value));

function failed(words) {
  let notice = document.getElementById("failed");
  if (!notice) {
    notice = document.createElement("div");
    notice.id = "failed";
    notice.className = "notice bad";
    notice.append(document.createElement("p"));
    document.getElementById("content").prepend(notice);
  }
  notice.firstElementChild.textContent = words;
  say(words);
}
document.body.addEventListener("htmx:sendError", () => failed(live.dataset.unknown));
document.body.addEventListener("htmx:responseError", () => failed(live.dataset.refused));

// A second press of the same button must not send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});
// Coming back by the browser's button shows the kept page: its forms may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

// Escape closes the passport or the reason that was opened last, and gives the focus back.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest?.("details.passport[open], details.missing[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
