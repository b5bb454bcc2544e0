// Counts page views, visible time and conversions of a site; docs/how-to/sites.md says how it is used, and
// domain/web_message.py what is sent. It stores nothing in the browser unless the visitor allowed it.
// It is served without comments and spare spaces: every statement ends with a semicolon, there are no regular
// expressions, and no string holds a quotation mark.
(function (w, d, n) {
  var s = d.currentScript, o = s.dataset, l = location, h = history, u = new URL("/t/1", s.src).href,
    a = new URLSearchParams(l.search), q = ["source", "medium", "campaign"].map(function (x) {
      return a.get("utm_" + x) || "";
    }),
    // The click that led here: c for this page view, C for the visitor's next conversions.
    c = a.get("tb") || "", C = c, r = d.referrer.split("/")[2],
    // Do Not Track, Global Privacy Control.
    no = n.globalPrivacyControl || n.doNotTrack == 1,
    // Id of the visitor, key of the view, its path, its beginning; visible for t, and since f.
    i, v, p, b, t, f, Q = w.tabuh && w.tabuh.q || [];
  function key() {
    return crypto.getRandomValues(new Uint32Array(3)).join("");
  }
  function path() {
    return l.pathname + (l.hash[1] == "/" ? l.hash : "");
  }
  function send(e) {
    n.sendBeacon(u, JSON.stringify({
      k: o.site, v: v, p: p, r: r, c: c, q: q, i: i, n: no, e: e, a: Date.now() - b,
      s: (t + (f ? Date.now() - f : 0)) / 1e3
    }));
  }
  function stop() {
    send();
    t += Date.now() - f;
    f = 0;
  }
  function view() {
    if (v) {
      if (f) stop();
      r = c = q = 0;
    }
    v = key();
    p = path();
    f = b = Date.now();
    t = 0;
    send();
  }
  function look() {
    if (d.visibilityState == "hidden") {
      if (f) stop();
    } else if (v) f = f || Date.now();
    else {
      view();
      Q.map(function (x) {
        tabuh.apply(0, x);
      });
    }
  }
  function moved() {
    if (v && p != path()) view();
  }
  // yes: keep an id; no: forget it; undefined: as it was decided before.
  function keep(yes) {
    if (!no) try {
      var S = localStorage, k = (S.tabuh || "").split(".");
      i = yes === false ? "" : k[0] || (yes ? key() : "");
      C = C || k[1];
      if (i) S.tabuh = i + "." + (C || "");
      else S.removeItem("tabuh");
    } catch (e) {}
  }
  function tabuh(x, y) {
    if (x == "click") return C;
    if (x == "visitor") return i;
    if (x == "consent") {
      keep(!!y);
      x = 0;
    }
    if (v) send(x && [x, y || {}, key()]);
    else if (x) Q.push([x, y]);
  }
  ["pushState", "replaceState"].map(function (x) {
    var g = h[x];
    h[x] = function () {
      g.apply(h, arguments);
      moved();
    };
  });
  if (c) {
    a.delete("tb");
    a += "";
    h.replaceState(h.state, "", l.pathname + (a && "?" + a) + l.hash);
  }
  w.addEventListener("popstate", moved);
  w.addEventListener("pageshow", function (e) {
    if (e.persisted) view();
  });
  d.addEventListener("visibilitychange", look);
  d.addEventListener("click", function (e) {
    var g = e.target.closest("[data-tabuh]"), x = g && g.dataset;
    if (x) tabuh(x.tabuh, { value: x.tabuhValue, currency: x.tabuhCurrency, id: x.tabuhId });
  });
  keep(o.consent && o.consent != "no");
  w.tabuh = tabuh;
  look();
})(window, document, navigator);
