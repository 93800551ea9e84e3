(function () {
  "use strict";
  var all = document.querySelectorAll("table.sort");
  Array.prototype.forEach.call(all, function (table) {
    var bodies = function () { return Array.prototype.slice.call(table.tBodies); };
    var single = table.tBodies.length === 1;
    var items = function () { return single ? Array.prototype.slice.call(table.tBodies[0].rows) : bodies(); };
    var cell = function (item, n) {
      var row = single ? item : item.rows[0];
      var c = row.cells[n];
      return c.hasAttribute("data-v") ? Number(c.getAttribute("data-v")) : c.textContent.trim().toLowerCase();
    };
    var heads = table.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (th, n) {
      if (th.classList.contains("still")) { return; }
      var b = document.createElement("button");
      b.type = "button";
      b.textContent = th.textContent;
      th.textContent = "";
      th.appendChild(b);
      b.addEventListener("click", function () {
        var down = th.getAttribute("aria-sort") !== "descending";
        Array.prototype.forEach.call(heads, function (h) { h.removeAttribute("aria-sort"); });
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        var list = items().map(function (item, i) { return [cell(item, n), i, item]; });
        list.sort(function (x, y) {
          if (x[0] === y[0]) { return x[1] - y[1]; }
          var less = x[0] < y[0] ? -1 : 1;
          return down ? -less : less;
        });
        var into = single ? table.tBodies[0] : table;
        list.forEach(function (x) { into.appendChild(x[2]); });
      });
    });
    if (!table.classList.contains("filter")) { return; }
    var box = document.createElement("p"), label = document.createElement("label"), input = document.createElement("input"), out = document.createElement("span");
    box.className = "filterbox";
    label.textContent = "Filter: ";
    input.type = "search";
    input.placeholder = "name, address, country, network …";
    out.setAttribute("role", "status");
    label.appendChild(input);
    box.appendChild(label);
    box.appendChild(out);
    table.parentNode.parentNode.insertBefore(box, table.parentNode);
    var texts = items().map(function (item) { return [item, item.textContent.toLowerCase()]; });
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/), shown = 0;
      texts.forEach(function (t) {
        var hit = words.every(function (w) { return t[1].indexOf(w) >= 0; });
        t[0].hidden = !hit;
        if (hit) { shown++; }
      });
      out.textContent = input.value ? shown + " of " + texts.length + " rows" : "";
    });
  });
  var open = function () {
    var to = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var d = to && (to.closest("details") || to.tagName === "TBODY" && to.querySelector("details"));
    if (d) { d.open = true; }
  };
  window.addEventListener("hashchange", open);
  open();
})();
