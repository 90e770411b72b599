using Admission.Trace;

namespace Admission.Simulator;

/// <summary>
/// Recorded arrivals of one backend as a replay offers them: what the recording does not show is drawn.
/// </summary>
/// <remarks>
/// A request that never ran has no service time: it gets that of one that did, drawn from all of the backend. A client that left has shown its patience. One that
/// was served or refused has shown only that its patience is longer than its wait; where a mean is given, it gets its wait and an exponential time more, which
/// has no memory.
/// </remarks>
public static class TraceLoad
{
    /// <summary>The arrivals of one backend.</summary>
    /// <param name="recorded">The recording, in order.</param>
    /// <param name="backend">The backend; letter case does not matter.</param>
    /// <param name="patience">The mean patience of clients that did not show theirs; null for clients that never leave.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <returns>Empty if no request of the backend ran, so that no service time is known.</returns>
    public static List<OfferedRequest> Arrivals(IReadOnlyList<Arrival> recorded, string backend, TimeSpan? patience, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var own = recorded.Where(arrival => string.Equals(arrival.Backend, backend, StringComparison.OrdinalIgnoreCase)).ToList();
        var services = own.Where(arrival => arrival.Service is not null).Select(arrival => arrival.Service!.Value).ToArray();
        if (services.Length == 0)
        {
            return [];
        }

        var random = new SimRandom(seed);
        return [.. own.Select(arrival => new OfferedRequest
        {
            At = arrival.At,
            Tenant = arrival.Tenant,
            Priority = arrival.Priority,
            Weight = arrival.Weight,
            Deadline = arrival.Deadline,
            Service = arrival.Service ?? services[random.Below(services.Length)],
            Patience = Patience(arrival, patience, random),
        })];
    }

    private static TimeSpan? Patience(in Arrival arrival, TimeSpan? mean, SimRandom random) => arrival.Outcome switch
    {
        ArrivalOutcome.Left => arrival.Waited,
        _ when mean is { } given => arrival.Waited + TimeSpan.FromSeconds(SyntheticLoad.Exponential(random, given.TotalSeconds)),
        _ => null,
    };
}
