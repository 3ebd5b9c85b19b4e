/* The parcels as a layer of the map: one canvas over the view, tiles fetched once, any day painted. */
(function () {
  "use strict";
  var dtg = window.dtg, PAD = 96, KEPT = 240, DEEPEST = 20, LOOK_AGAIN_MS = 900;

  dtg.ParcelLayer = L.Layer.extend({
    initialize: function (layer) {
      this.layer = layer;
      this.palette = dtg.makePalette(layer);
      this.tiles = new Map();
      this.wanted = [];
      this.day = dtg.dayOf("2020-12-31");
      this.frames = 0;
    },

    onAdd: function () {
      if (!this.canvas) {
        var pane = dtg.pane(this.layer);
        pane.style.pointerEvents = "none";
        this.canvas = L.DomUtil.create("canvas", "dtg-canvas leaflet-zoom-animated", pane);
        this.pen = this.canvas.getContext("2d");
      }
      this.canvas.style.display = "";
      this.shown = true;
      this.reset();
    },

    onRemove: function () {
      this.shown = false;
      this.canvas.style.display = "none";
      this.wanted.forEach(this.giveUp, this);
      this.wanted = [];
      dtg.fire("tiles");
    },

    getEvents: function () {
      return { moveend: this.reset, resize: this.reset, viewreset: this.reset, zoom: this.follow,
               zoomanim: this.animate };
    },

    /* ---- where the canvas lies ---------------------------------------------------------- */

    reset: function () {
      var map = dtg.map, size = map.getSize();
      if (!this.shown || size.y < 10) { return; }
      var corner = map.containerPointToLayerPoint([-PAD, -PAD]);
      this.corner = map.layerPointToLatLng(corner);
      this.zoom = map.getZoom();
      this.offset = map.getPixelOrigin().add(corner);
      this.ratio = window.devicePixelRatio || 1;
      this.width = size.x + 2 * PAD;
      this.height = size.y + 2 * PAD;
      L.DomUtil.setTransform(this.canvas, corner, 1);
      this.choose();
      this.paint(true);
    },

    /* flyTo and pinching change the zoom in small steps, without an animation of their own. */
    follow: function () {
      if (!this.corner) { return; }
      var map = dtg.map, scale = map.getZoomScale(map.getZoom(), this.zoom);
      L.DomUtil.setTransform(this.canvas, map.latLngToLayerPoint(this.corner), scale);
    },

    animate: function (event) {
      if (!this.corner) { return; }
      var offset = dtg.map._latLngToNewLayerPoint(this.corner, event.zoom, event.center);
      L.DomUtil.setTransform(this.canvas, offset, dtg.map.getZoomScale(event.zoom, this.zoom));
    },

    place: function (tile) {
      var size = 256 * Math.pow(2, this.zoom - tile.z);
      return { x: tile.x * size - this.offset.x, y: tile.y * size - this.offset.y, size: size,
               ratio: this.ratio };
    },

    /* ---- which tiles ---------------------------------------------------------------------- */

    choose: function () {
      var z = Math.min(DEEPEST, Math.max(0, Math.round(this.zoom + 0.2)));
      var size = 256 * Math.pow(2, this.zoom - z), last = Math.pow(2, z) - 1, wanted = [];
      var left = Math.floor(this.offset.x / size), right = Math.floor((this.offset.x + this.width) / size);
      var top = Math.floor(this.offset.y / size), foot = Math.floor((this.offset.y + this.height) / size);
      for (var y = Math.max(0, top); y <= Math.min(last, foot); y += 1) {
        for (var x = Math.max(0, left); x <= Math.min(last, right); x += 1) { wanted.push(this.tile(z, x, y)); }
      }
      var cx = (left + right) / 2, cy = (top + foot) / 2;
      wanted.sort(function (a, b) {
        return Math.hypot(a.x - cx, a.y - cy) - Math.hypot(b.x - cx, b.y - cy);
      });
      var now = new Set(wanted);
      this.wanted.forEach(function (tile) { if (!now.has(tile)) { this.giveUp(tile); } }, this);
      // What was on the screen stays there until what belongs there has come.
      if (this.wanted.some(function (tile) { return tile.data; }) && this.wanted[0].z !== z) { this.before = this.wanted; }
      this.z = z;
      this.wanted = wanted;
      this.forget(now);
      wanted.forEach(this.fetch, this);
      this.arrived();
    },

    tile: function (z, x, y) {
      var key = z + "/" + x + "/" + y, tile = this.tiles.get(key);
      if (!tile) { tile = { key: key, z: z, x: x, y: y, data: null, tag: "", version: null }; }
      this.tiles.delete(key);
      this.tiles.set(key, tile);  // a Map keeps order: what was used last stands last
      return tile;
    },

    forget: function (wanted) {
      var all = Array.from(this.tiles.values());
      for (var i = 0; i < all.length && this.tiles.size > KEPT; i += 1) {
        if (!wanted.has(all[i])) { this.tiles.delete(all[i].key); }
      }
    },

    /* ---- fetching --------------------------------------------------------------------------- */

    fetch: function (tile) {
      if (!this.version || tile.version === this.version || tile.asking) { return; }
      if (this.bounds !== undefined && !this.reaches(tile)) { this.take(tile, null, "", this.version); return; }
      var layer = this, version = this.version, asking = tile.asking = new AbortController();
      fetch(dtg.config.tiles_url + "/" + tile.key + ".mvt", { signal: asking.signal }).then(function (answer) {
        if (answer.status === 503) { dtg.waitForTiles(); return null; }
        if (!answer.ok) { throw new Error(String(answer.status)); }
        var tag = answer.headers.get("ETag");
        if (tag === tile.tag && tile.version) { tile.version = version; return null; }
        return answer.status === 204 ? layer.take(tile, null, tag, version)
          : answer.arrayBuffer().then(function (body) { layer.take(tile, dtg.readTile(body), tag, version); });
      }).catch(function (error) {
        if (error.name !== "AbortError") { tile.version = version; dtg.note("部分地块未能读取，请刷新页面"); }
      }).finally(function () {
        if (tile.asking === asking) { tile.asking = null; }
        layer.arrived();
      });
    },

    take: function (tile, data, tag, version) {
      tile.data = data;
      tile.tag = tag;
      tile.version = version;
      this.paint();
    },

    /* Whether anything may lie in a tile: the empty sea around the parcels need not be asked for. */
    reaches: function (tile) {
      if (!this.bounds) { return false; }
      var margin = 1 / 32, scale = 256;
      var low = dtg.map.project([this.bounds[3], this.bounds[0]], tile.z).divideBy(scale);
      var high = dtg.map.project([this.bounds[1], this.bounds[2]], tile.z).divideBy(scale);
      return tile.x + 1 + margin >= low.x && tile.x - margin <= high.x &&
        tile.y + 1 + margin >= low.y && tile.y - margin <= high.y;
    },

    giveUp: function (tile) {
      if (tile.asking) { tile.asking.abort(); tile.asking = null; }
      if (tile.data) { dtg.loosen(tile.data); }
    },

    arrived: function () {
      var layer = this, whole = this.version && this.wanted.every(function (tile) { return tile.version === layer.version; });
      var was = dtg.map.getContainer().getAttribute("data-tiles");
      dtg.map.getContainer().setAttribute("data-tiles", whole ? "ready" : "loading");
      if (whole && (was !== "ready" || this.before)) {
        this.before = null;
        this.paint();
        dtg.fire("tiles");
      }
    },

    show: function (version, bounds) {
      if (version === this.version) { return; }
      this.version = version;
      this.bounds = bounds;
      this.wanted.forEach(this.fetch, this);
      this.arrived();
    },

    /* ---- painting --------------------------------------------------------------------------- */

    setDay: function (day, atOnce) {
      if (day === this.day) { return; }
      this.day = day;
      this.paint(atOnce, true);
    },

    /* A change of day alone is painted over what is there; anything else from the ground up. */
    paint: function (atOnce, dayAlone) {
      if (!this.shown || !this.corner) { return; }
      var layer = this;
      if (!dayAlone) { this.whole = false; }
      if (atOnce) { this.refresh(); return; }
      if (this.frame) { return; }
      this.frame = requestAnimationFrame(function () {
        layer.frame = null;
        layer.refresh();
      });
    },

    refresh: function () { if (this.whole) { this.patch(); } else { this.draw(); } },

    patch: function () {
      if (!this.shown) { return; }
      this.wanted.forEach(function (tile) {
        if (!tile.data) { return; }
        dtg.settle(tile.data, this.day);
        dtg.repaintTile(this.pen, tile.data, this.place(tile), this.palette);
      }, this);
      this.painted();
    },

    painted: function () {
      this.frames += 1;
      dtg.map.getContainer().setAttribute("data-day", dtg.isoOf(this.day));
    },

    draw: function () {
      var pen = this.pen, r = this.ratio, w = Math.round(this.width * r), h = Math.round(this.height * r);
      if (!this.shown) { return; }
      if (this.canvas.width !== w || this.canvas.height !== h) {
        this.canvas.width = w;
        this.canvas.height = h;
        this.canvas.style.width = this.width + "px";
        this.canvas.style.height = this.height + "px";
      }
      pen.setTransform(r, 0, 0, r, 0, 0);
      pen.clearRect(0, 0, this.width, this.height);
      if (this.before) { this.before.forEach(function (tile) { this.drawOne(tile, false); }, this); }
      this.wanted.forEach(function (tile) { this.drawOne(tile, Boolean(this.before)); }, this);
      // Over lines nothing can be painted; but where they are drawn, all of it is quick.
      this.whole = !this.drawLines() && !this.before;
      this.painted();
    },

    drawOne: function (tile, cleared) {
      if (!tile.version) { return; }
      var at = this.place(tile);
      if (cleared) { this.pen.clearRect(at.x, at.y, at.size, at.size); }
      if (!tile.data) { return; }
      dtg.settle(tile.data, this.day);
      dtg.paintTile(this.pen, tile.data, at, this.palette);
    },

    drawLines: function () {
      var palette = this.palette, drawn = this.wanted.filter(function (tile) { return tile.data; });
      var size = 256 * Math.pow(2, this.zoom - this.z);
      if (!dtg.mayStroke(drawn.map(function (tile) { return tile.data; }), size)) { return false; }
      drawn.forEach(function (tile) {
        var data = tile.data;
        dtg.strokeTile(this.pen, data, this.place(tile), [[palette.stroke, palette.weight]], function (i) {
          return data.now[i] < 8 && !palette.hidden[data.now[i]];
        });
      }, this);
      return true;
    },

    /* ---- asking ------------------------------------------------------------------------------- */

    at: function (latlng) {
      if (!this.shown || this.z === undefined) { return null; }
      var p = dtg.map.project(latlng, this.z).divideBy(256), x = Math.floor(p.x), y = Math.floor(p.y);
      var tile = this.tiles.get(this.z + "/" + x + "/" + y);
      if (!tile || !tile.data) { return null; }
      dtg.settle(tile.data, this.day);
      var row = dtg.rowAt(tile.data, (p.x - x) * 4096, (p.y - y) * 4096, this.palette);
      return row < 0 ? null : { id: tile.data.ids[row], data: tile.data, row: row };
    },

    /* Calls back with every part of a parcel that is on the screen. */
    parts: function (id, take) {
      this.wanted.forEach(function (tile) {
        var row = tile.data && tile.data.kind === "parcels" ? tile.data.ids.indexOf(id) : -1;
        if (row >= 0) { take(tile, row); }
      });
    }
  });

  /* ---- while parcels are being read ------------------------------------------------------------- */

  dtg.tilesAre = function (told) {
    if (!dtg.parcels || !told) { return; }
    if (told.version) { dtg.parcels.show(told.version, told.bounds); }
    if (told.busy || !told.version) { dtg.waitForTiles(); } else { dtg.note(""); }
  };

  dtg.waitForTiles = function () {
    if (dtg.waiting) { return; }
    if (!dtg.parcels.version) { dtg.note("地块正在读取……"); }
    dtg.waiting = setTimeout(function () {
      fetch(dtg.config.data_url + "/tiles.json").then(function (answer) {
        if (answer.ok) { return answer.json(); }
        return answer.text().then(function (words) { dtg.note(words); return { busy: true }; });
      }).catch(function () { return { busy: true }; }).then(function (told) {
        dtg.waiting = null;
        if (!told.busy) { dtg.parcels.version = null; }
        dtg.tilesAre(told);
      });
    }, LOOK_AGAIN_MS);
  };

  dtg.note = function (words) {
    if (!dtg.noteBox) {
      dtg.noteBox = L.DomUtil.create("p", "dtg-note", dtg.map.getContainer());
      dtg.noteBox.setAttribute("role", "status");
    }
    dtg.noteBox.textContent = words;
    dtg.noteBox.style.display = words ? "" : "none";
  };

  dtg.fire = function (name) { dtg.map.fire("dtg:" + name); };
})();
