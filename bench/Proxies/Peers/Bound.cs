namespace Admission.Bench.Proxies.Peers;

/// <summary>What a proxy is told to hold.</summary>
/// <param name="Limit">Requests in the backend at once.</param>
/// <param name="Queue">Requests that may wait; 0: what does not fit is refused.</param>
/// <param name="LongestWait">How long one may wait, where the proxy can be told.</param>
internal sealed record Bound(int Limit, int Queue, TimeSpan LongestWait);
