// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the views share: words for the user, and lines for a terminal.

import { makeAddress } from './session.js';

const NOTICE_MS = 8000;

const notice = document.getElementById('notice');
let noticeTimer;

/* Words that stay until the next view, or only for a while */
export function say(words, { passing = false } = {}) {
  clearTimeout(noticeTimer);
  notice.textContent = words ?? '';
  notice.hidden = !words;
  if (passing) {
    noticeTimer = setTimeout(() => say(null), NOTICE_MS);
  }
}

/* The address of a stream for a terminal; a token is the user's to fill in. */
export function makeUri(name) {
  const address = new URL(makeAddress(
    `/webrtc/${encodeURIComponent(name).replaceAll('%2B', '+')}`));

  return address.search ? `"${address.origin}${address.pathname}?id=TOKEN"`
    : address.href;
}

export function showLaunch(view, line) {
  const [code, button] = view.querySelector('.launch').children;

  code.textContent = line;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(line);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    } catch {
      getSelection().selectAllChildren(code);
    }
  };
}

export const PUBLISH_LINE =
  'gst-launch-1.0 videotestsrc is-live=true ! wsctlsink uri=';
