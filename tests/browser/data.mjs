// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Timed data on data channels, out of a publisher and to a player, and commands.

import { startServer, using } from './processes.mjs';
import { check, test, waitFor, within } from './tap.mjs';

/* In the page: a moving picture and data channels, without any client library */
async function publish(uri) {
  const canvas = document.createElement('canvas');
  const painter = canvas.getContext('2d');
  const socket = new WebSocket(uri);
  const connection = new RTCPeerConnection();
  const state = { closed: [] };
  const opened = new Promise((resolve) => { socket.onopen = resolve; });

  setInterval(() => {
    painter.fillStyle = `hsl(${Date.now() / 10 % 360} 80% 50%)`;
    painter.fillRect(0, 0, canvas.width, canvas.height);
  }, 33);
  connection.addTransceiver(canvas.captureStream().getTracks()[0],
    { direction: 'sendonly' });
  state.open = (label, options) => new Promise((resolve) => {
    const channel = connection.createDataChannel(label, options);

    channel.onopen = () => resolve(channel);
    channel.onclose = () => state.closed.push(label);
  });
  const first = state.open('events');

  await connection.setLocalDescription(await connection.createOffer());
  await opened;
  socket.send(JSON.stringify({ type: 'offer_sdp',
    offer_sdp: connection.localDescription.sdp }));
  await new Promise((resolve) => {
    socket.onmessage = async ({ data }) => {
      const { type, answer_sdp: sdp } = JSON.parse(data);

      if (type === 'on_answer_sdp') {
        await connection.setRemoteDescription({ type: 'answer', sdp });
        resolve();
      }
    };
  });
  state.channel = await first;
  window.publisher = state;
}

/* In the page: a player with data channels */
async function play({ uri, labels }) {
  const socket = new WebSocket(uri);
  const connection = new RTCPeerConnection();
  const state = { said: { socket: [] }, channels: {}, closed: false };
  const reached = new Promise((resolve) => { socket.onopen = resolve; });

  connection.addTransceiver('video', { direction: 'recvonly' });
  const opened = labels.map((label) => new Promise((resolve) => {
    const channel = connection.createDataChannel(label);

    state.channels[label] = channel;
    state.said[label] = [];
    channel.onopen = resolve;
    channel.onmessage = ({ data }) =>
      state.said[label].push(JSON.parse(data));
  }));

  await connection.setLocalDescription(await connection.createOffer());
  await reached;
  socket.onclose = () => { state.closed = true; };
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data);

    if (message.type === 'on_answer_sdp')
      await connection.setRemoteDescription({ type: 'answer',
        sdp: message.answer_sdp });
    else
      state.said.socket.push(message);
  };
  socket.send(JSON.stringify({ type: 'offer_sdp',
    offer_sdp: connection.localDescription.sdp }));
  await Promise.all(opened);
  window.player = state;
}

async function watch(uri) {
  const socket = new WebSocket(uri);

  window.items = [];
  socket.onmessage = ({ data }) => window.items.push(JSON.parse(data));
  await new Promise((resolve) => { socket.onopen = resolve; });
}

export function addDataTests({ serverPath, withPage }) {
  test('data: from data channels of a publisher', () => using(
    startServer(serverPath), (server) => withPage(async (tab) => {
      const waitItem = (wanted) => waitFor(async () => {
        const items = await tab.evaluate('items');

        return items.find(({ data }) =>
          JSON.stringify(data) === JSON.stringify(wanted));
      }, `the item ${JSON.stringify(wanted)?.slice(0, 80)}`);
      const send = (text) => tab.evaluate(
        (one) => window.publisher.channel.send(one), text);

      await within(tab.evaluate(publish, `${server.uri}/webrtc/live`),
        'the channel of the publisher to be open');
      await server.waitLine(/publisher of 'live'.*connected/);
      await tab.evaluate(watch, `${server.uri}/live.json`);
      await waitFor(async () => {
        await send('{"first":true}');
        return (await tab.evaluate('items')).length > 0;
      }, 'an item');

      await send('{"score":[1,2]}');
      const { time, track } = await waitItem({ score: [1, 2] });

      check(time > 0 && track === 1, `at ${time} on track ${track}`);
      await send('no JSON');
      await waitItem('no JSON');

      /* In many parts; and then one that is too long, which others survive */
      await send(JSON.stringify('x'.repeat(50000)));
      await waitItem('x'.repeat(50000));
      await tab.evaluate(() => window.publisher.channel.send(
        new Uint8Array(5)));

      /* Others beside it, unreliable ones, and one more after one is closed */
      await within(tab.evaluate(async () => {
        const other = await window.publisher.open('other',
          { ordered: false, maxRetransmits: 0 });

        other.send('7');
        other.close();
      }), 'the second channel to be open');
      await waitItem(7);
      await waitFor(() => tab.evaluate(() =>
        window.publisher.closed.includes('other')), 'the channel to close');
      await within(tab.evaluate(async () => {
        (await window.publisher.open('third')).send('[3]');
      }), 'the third channel to be open');
      await waitItem([3]);
      await send('"still there"');
      await waitItem('still there');
    })));
  test('data: to a player, and its commands, on data channels', () => using(
    startServer(serverPath), (server) => withPage((one) => withPage(
      async (tab) => {
        const give = (text) => one.evaluate(
          (item) => window.publisher.channel.send(item), text);
        const waitSaid = (where, wanted) => waitFor(async () => {
          const said = await tab.evaluate(
            (name) => window.player.said[name], where);

          return said.find((message) => Object.entries(wanted).every(
            ([name, value]) => JSON.stringify(message[name])
              === JSON.stringify(value)));
        }, `${JSON.stringify(wanted).slice(0, 80)} on ${where}`);
        const tell = (command) => tab.evaluate((text) =>
          window.player.channels.MistControl.send(text),
          JSON.stringify(command));
        const forget = () => tab.evaluate(() => {
          for (const said of Object.values(window.player.said))
            said.length = 0;
        });

        await within(one.evaluate(publish, `${server.uri}/webrtc/live`),
          'the channel of the publisher to be open');
        await server.waitLine(/publisher of 'live'.*connected/);
        await within(tab.evaluate(play, { uri: `${server.uri}/webrtc/live`,
          labels: ['*', 'MistControl', 'JSON'] }), 'the channels of the player to open');

        /* The channel of that name before the one for anything */
        await give('{"score":[1,2]}');
        const { time, track } = await waitSaid('JSON',
          { data: { score: [1, 2] } });

        check(time > 0 && track === 1, `at ${time} on track ${track}`);
        await give(JSON.stringify('x'.repeat(50000)));
        await waitSaid('JSON', { data: 'x'.repeat(50000) });
        await tab.evaluate(() => window.player.channels.JSON.close());
        await waitFor(async () => {
          await give('"again"');
          return (await tab.evaluate(() =>
            window.player.said['*'])).length > 0;
        }, 'an item on *');

        /* What is said about the session goes where its commands come from. */
        await tell({ type: 'hold' });
        await waitSaid('MistControl', { type: 'pause', paused: true });
        await forget();
        const told = await waitSaid('MistControl', { type: 'on_time' });

        check(told.data.paused, `paused: ${told.data.paused}`);
        const beside = await tab.evaluate(() => window.player.said.socket);

        check(beside.length === 0,
          `the socket says ${JSON.stringify(beside)}`);
        await tab.evaluate(() => window.player.channels.MistControl.close());
        await waitSaid('socket', { type: 'on_time' });
      }))));

  test('data: a command on a data channel ends the session', () => using(
    startServer(serverPath), (server) => withPage((one) => withPage(
      async (tab) => {
        await within(one.evaluate(publish, `${server.uri}/webrtc/live`),
          'the channel of the publisher to be open');
        await server.waitLine(/publisher of 'live'.*connected/);
        await within(tab.evaluate(play, { uri: `${server.uri}/webrtc/live`,
          labels: ['MistControl'] }), 'the channel of the player to open');
        await tab.evaluate(() =>
          window.player.channels.MistControl.send('{"type":"stop"}'));
        await waitFor(() => tab.evaluate(() => window.player.closed),
          'the session to end');
      }))));
}
