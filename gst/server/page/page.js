// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The page: which of its views is seen is said by the address (#, #watch/NAME,
// #publish, #pool or #pool/NAME). A view is opened and left; what it started ends
// then.

import { say } from './common.js';
import { ListView } from './list.js';
import { MeetView } from './meet.js';
import { PublishView } from './publish.js';
import { WatchView } from './watch.js';

const views = {
  list: new ListView(document.getElementById('list')),
  watch: new WatchView(document.getElementById('watch')),
  publish: new PublishView(document.getElementById('publish')),
  pool: new MeetView(document.getElementById('pool')),
};
const links = document.querySelectorAll('nav a');
let current = null;

function follow() {
  const [place, name] = location.hash.slice(1).split('/');
  const next = place === 'watch' && name ? 'watch'
    : place === 'publish' || place === 'pool' ? place : 'list';

  say(null);
  current?.leave();
  for (const [key, { view }] of Object.entries(views)) {
    view.hidden = key !== next;
  }
  for (const link of links) {
    link.ariaCurrent = link.dataset.view === next ? 'page' : null;
  }
  document.title = next === 'watch' ? `${decodeURIComponent(name)} · wsctl-server`
    : 'wsctl-server';
  current = views[next];
  current.open(name && decodeURIComponent(name));
}

window.addEventListener('hashchange', follow);
window.addEventListener('pagehide', () => current?.leave());
follow();
