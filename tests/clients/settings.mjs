// What the tests need of a server: keys with and without limits, and a model for every kind of upstream.
//
// `node settings.mjs` prints it as the content of an orleanschat.json, for a cluster that the tests are to be run against:
//   ORLEANSCHAT_CLIENTS_URL       the address of a gateway that has these settings; without it the tests start a server of their own
//   ORLEANSCHAT_CLIENTS_UPSTREAM  the port on which the tests serve the upstream of these settings; 18099 without it
import { pathToFileURL } from 'node:url';

export const upstreamPort = Number(process.env.ORLEANSCHAT_CLIENTS_UPSTREAM ?? 18099);

export const settings = (upstream) => ({
  // A machine that is busy with other tests is late all the time, and nobody is turned away for it.
  Gateway: { MaxLag: '00:00:00', MaxSlowdown: 0 },
  ApiKeys: [
    { Id: 'free', Secret: 'sk-free' },
    { Id: 'slow', Secret: 'sk-slow', Limits: { RequestsPerMinute: 1 } },
    { Id: 'slow-too', Secret: 'sk-slow-too', Limits: { RequestsPerMinute: 1 } },
    { Id: 'paced', Secret: 'sk-paced', Limits: { RequestsPerMinute: 60, Pacing: 'Smooth', Burst: 1 } },
    { Id: 'counted', Secret: 'sk-counted', Limits: { RequestsPerMinute: 1000, TokensPerMinute: 1000000 } },
    { Id: 'poor', Secret: 'sk-poor', Budget: { Usd: 0.000001 } },
  ],
  Upstreams: [
    { Id: 'scripted', BaseUrl: upstream, MaxRetries: 0 },
    { Id: 'anthropic', Kind: 'Anthropic', BaseUrl: upstream, MaxRetries: 0 },
  ],
  Models: [
    { Id: 'default', Route: ['scripted/scripted'], InputUsdPerMillion: 1, OutputUsdPerMillion: 2 },
    { Id: 'claude', Route: ['anthropic/claude-scripted'], InputUsdPerMillion: 1, OutputUsdPerMillion: 2 },
    { Id: 'quoting', Route: ['builtin/extractive'] },
  ],
});

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify({ OrleansChat: settings(`http://127.0.0.1:${upstreamPort}/v1`) }, null, 2));
}
