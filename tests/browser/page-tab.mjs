// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What tests of the server's own page do with a tab.

import { join } from 'node:path';

import { check, say, waitFor } from './tap.mjs';

const N_FRAMES = 30;

export const DESK = { width: 1100, height: 800 };
export const PHONE = { width: 390, height: 844 };

/* @openTab: a new tab of the browser; @outputFolder: for screenshots */
export function makePageTools({ outputFolder, openTab }) {
  /* @mayFail: what is not there is an error to the browser, too. */
  async function withTab(server, hash, viewport, func,
    { mayFail = false } = {}) {
    const tab = await openTab();
    const errors = [];

    tab.on('pageerror', (error) => errors.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error') {
        errors.push(message.text());
      }
    });
    try {
      await tab.setViewportSize(viewport);
      await tab.goto(server.uri.replace('ws:', 'http:') + hash);
      await func(tab);
      check(mayFail || errors.length === 0, `the page has errors: ${errors}`);
    } catch (error) {
      say(errors.join('\n'));
      await tab.screenshot({ path: join(outputFolder, 'page-failed.png') });
      throw error;
    } finally {
      await tab.close();
    }
  }

  function countFrames(tab, view) {
    return tab.evaluate((id) => document.querySelector(`#${id} video`)
      .getVideoPlaybackQuality().totalVideoFrames, view);
  }

  async function waitFrames(tab, view) {
    const before = await countFrames(tab, view);

    await waitFor(async () => await countFrames(tab, view)
      >= before + N_FRAMES, `frames in the view ${view}`);
  }

  async function checkFits(tab, shot) {
    const width = await tab.evaluate('document.documentElement.scrollWidth');

    await tab.screenshot({ path: join(outputFolder, `${shot}.png`),
      fullPage: true });
    check(width <= tab.viewportSize().width, `${shot} is ${width} wide`);
  }

  /* The middle of the first bar's neighbour: yellow */
  function getYellow(tab, selector) {
    return tab.evaluate((text) => {
      const source = document.querySelector(text);
      const canvas = document.createElement('canvas');
      const painter = canvas.getContext('2d');

      canvas.width = 70;
      canvas.height = 30;
      painter.drawImage(source, 0, 0, 70, 30);
      return [...painter.getImageData(15, 10, 1, 1).data].slice(0, 3);
    }, selector);
  }

  async function checkYellow(tab, selector) {
    await tab.locator(selector).waitFor();
    await waitFor(async () => {
      const [red, green, blue] = await getYellow(tab, selector);

      return red > 200 && green > 200 && blue < 60;
    }, `the test card in ${selector}`);
  }

  return { withTab, countFrames, waitFrames, checkFits, checkYellow };
}
