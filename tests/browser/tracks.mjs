// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Renditions, chosen by hand or by what the way carries, and a publisher that
// sends what the way carries.

import { startPublisher, startRelay, startServer, using }
  from './processes.mjs';
import { check, say, test, waitFor } from './tap.mjs';

const H264 = 'video/x-h264';
const OPUS = 'audio/x-opus';
const LARGE = { video: H264, audio: OPUS, width: 640, height: 360 };
const SMALL = { video: H264, width: 320, height: 180, bitrate: 150000 };
const CAMERA = { video: { width: 640, height: 480 }, audio: true };
/* Adaptation takes its time: it waits for what a change brings. */
const PATIENCE_MS = 45000;

export function addTrackTests({ serverPath, relayPath, dialect, withPage,
  getState, waitEvent, waitFrames, checkTone, paramsOf }) {
  function waitWidth(tab, width, timeoutMs) {
    return waitFor(async () => (await getState(tab)).width === width,
      `pictures ${width} wide`, timeoutMs);
  }

  /* The index of the rendition of that width */
  async function waitTrack(tab, width) {
    const { idx } = await waitFor(async () => (await tab.evaluate(
      'getVideos()')).find((video) => video.width === width),
    `a track ${width} wide`);

    return idx;
  }

  async function choose(tab, width) {
    await tab.evaluate((idx) => window.setVideoTrack(idx),
      await waitTrack(tab, width));
    await waitWidth(tab, width);
    await waitFrames(tab);
  }

  /* What the publisher was told last */
  async function getBitrate(tab) {
    const { events } = await getState(tab);

    return events.filter(({ name }) => name === 'VideoBitrate').at(-1).args[0];
  }

  /* Two publishers of one stream; @func gets the larger one. */
  async function withRenditions(server, func) {
    const uri = `${server.uri}/webrtc/live`;

    await using(startPublisher(uri, LARGE), async (large) => {
      await server.waitLine(/'live'.*connected/);
      await using(startPublisher(`${uri}~low`, SMALL), async () => {
        await server.waitLine(/'live~low'.*connected/);
        await func(large);
      });
    });
  }

  /* All media go through the relay. */
  function withRelay(args, func) {
    return using(startRelay(relayPath), (relay) => using(
      startServer(serverPath, ['--advertise', relay.address, ...args]),
      async (server) => {
        relay.tell(`target ${new URL(server.uri).port}`);
        await func(server, relay);
      }));
  }

  test('player: tracks by hand', () => using(
    startServer(serverPath, dialect),
    (server) => withRenditions(server, () => withPage(async (tab) => {
      await tab.evaluate((params) => window.play(params),
        paramsOf(server, 'live'));
      await waitFrames(tab);
      await choose(tab, SMALL.width);
      await choose(tab, LARGE.width);
    }))));

  async function chooseAudio(tab, index, tone) {
    await tab.evaluate((idx) => window.setAudioTrack(idx), index);
    await checkTone(tab, tone);
  }

  test('player: sound by hand', () => using(startServer(serverPath, dialect),
    (server) => using(startPublisher(`${server.uri}/webrtc/live`,
      { audio: OPUS }), async () => {
      await server.waitLine(/'live'.*connected/);
      await using(startPublisher(`${server.uri}/webrtc/live~other`,
        { audio: OPUS, tone: 880 }), () => withPage(async (tab) => {
        await server.waitLine(/'live~other'.*connected/);
        await tab.evaluate((params) => window.play(params),
          paramsOf(server, 'live'));
        await waitEvent(tab, 'Start');
        await checkTone(tab, 440);
        const indexes = await waitFor(async () => {
          const found = await tab.evaluate('getAudios()');

          return found.length === 2 && found.sort();
        }, 'two tracks of sound');

        await chooseAudio(tab, indexes[1], 880);
        await chooseAudio(tab, indexes[0], 440);
      }));
    })));

  test('player: timed data', () => using(startServer(serverPath, dialect),
    (server) => using(startPublisher(`${server.uri}/webrtc/live`,
      { video: H264 }), async () => {
      const post = (data) => fetch(
        `${server.uri.replace('ws:', 'http:')}/live.json`,
        { method: 'POST', body: JSON.stringify(data) });

      await server.waitLine(/'live'.*connected/);
      await withPage(async (tab) => {
        await tab.evaluate((params) => window.play(params),
          paramsOf(server, 'live'));
        await waitFrames(tab);
        const { status } = await post({ first: 1 });

        check(status === 204, `POST is answered by ${status}`);
        const { args: [{ tracks }] } = await waitEvent(tab, 'Metadata',
          (description) => description.tracks.some(
            ({ type }) => type === 'data'));
        const { idx } = tracks.find(({ type }) => type === 'data');

        await tab.evaluate((index) => window.setDataTracks([index]), idx);
        /* Until the socket of the data is open, nobody hears. */
        await waitFor(async () => {
          await post({ words: 'hello', n: [1, 2] });
          return (await getState(tab)).events.some(({ name, args }) =>
            name === 'Data' && args[0] > 0 && args[1] === idx
            && args[2].words === 'hello' && args[2].n[1] === 2);
        }, 'the data in the page');
      });
    })));

  test('player: its rendition goes away', () => using(
    startServer(serverPath, dialect), (server) => withRenditions(server,
      (large) => withPage(async (tab) => {
        await tab.evaluate((params) => window.play(params),
          paramsOf(server, 'live'));
        await waitFrames(tab);
        await waitWidth(tab, LARGE.width);
        await large.stop();
        await waitWidth(tab, SMALL.width);
        await waitFrames(tab);
        const { events } = await getState(tab);

        check(!events.some(({ name }) => name === 'Stop'), 'it plays on');
      }))));

  test('player: a narrow way means the smaller rendition', () => withRelay(
    dialect, (server, relay) => withRenditions(server,
      () => withPage(async (tab) => {
        await tab.evaluate((params) => window.play(params, {}),
          paramsOf(server, 'live'));
        await waitFrames(tab);
        await waitTrack(tab, SMALL.width);
        relay.run('0 down rate=500000 queue=16000 loss=3');
        await waitWidth(tab, SMALL.width, PATIENCE_MS);
        relay.run('0 down rate=0 loss=0');
        await waitWidth(tab, LARGE.width, PATIENCE_MS);
        await waitFrames(tab);
      }))));

  test('streamer: it sends what the way carries', () => withRelay([],
    (server, relay) => withPage(async (tab) => {
      await tab.evaluate(([params, camera]) => window.publish(params, camera,
        { startup: 2000000 }), [paramsOf(server, 'cam'), CAMERA]);
      await server.waitLine(/cam.*connected/);
      await waitEvent(tab, 'MediaReport', (report) => report.tracks.length > 0);
      const most = await getBitrate(tab);

      /* Chromium has a way of its own to send what fits, so that without some
       * loss by chance the server has nothing to say. */
      relay.run('0 up rate=150000 queue=16000 loss=15');
      await waitFor(async () => await getBitrate(tab) < 0.7 * most,
        `less than ${most} bit/s`, PATIENCE_MS);
      const least = await getBitrate(tab);

      say(`From ${most} to ${least} bit/s`);
      relay.run('0 up rate=0 loss=0');
      await waitFor(async () => await getBitrate(tab) > 1.2 * least,
        'a higher bitrate', PATIENCE_MS);
    })));
}
