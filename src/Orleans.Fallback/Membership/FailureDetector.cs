using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Asks the next silos of the ring for a sign of life, and suspects those that miss several in a row.</summary>
/// <remarks>
/// Each round takes one <c>ProbeTimeout</c>, also where a connection is refused at once; so <c>NumMissedProbesLimit</c> misses take that many periods, and a
/// process that restarts quickly is not missed three times within a moment. A round that took much longer says that this process stood still (a
/// stopped process, a long collection): what it measured says nothing about the others, so it starts counting again.
/// </remarks>
internal sealed partial class FailureDetector(
    LocalSilo local, TableReader reader, Suspicion suspicion, Lazy<ISiloProbe> probe, ClusterMembershipOptions options, TimeProvider time, ILogger log)
{
    private readonly Dictionary<SiloAddress, int> _misses = [];
    private readonly Dictionary<SiloAddress, Task> _votes = [];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var period = options.ProbeTimeout;
        var begun = time.GetTimestamp();
        while (true)
        {
            var targets = Targets();
            var answers = await Task.WhenAll(targets.Select(silo => AnswersAsync(silo, cancellation)));
            var left = period - time.GetElapsedTime(begun);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, cancellation);
            }

            cancellation.ThrowIfCancellationRequested();
            var ended = time.GetTimestamp();
            var took = time.GetElapsedTime(begun, ended);
            begun = ended;
            if (took > 2 * period)
            {
                LogStoodStill(took, period);
                _misses.Clear();
                _ = reader.LookAsync();
                continue;
            }

            Count(targets, answers, ended, cancellation);
        }
    }

    /// <summary>The silos after this one, by address; the last is followed by the first.</summary>
    private List<SiloAddress> Targets()
    {
        var ring = (reader.Latest?.Rows ?? [])
            .Where(row => row.Answers && !row.Address.Equals(local.Address))
            .Select(row => row.Address)
            .Order()
            .ToList();
        var next = ring.FindIndex(silo => silo.CompareTo(local.Address) > 0);
        return [.. ring.Skip(Math.Max(0, next)).Concat(ring.Take(Math.Max(0, next))).Take(options.NumProbedSilos)];
    }

    private void Count(List<SiloAddress> targets, bool[] answers, long ended, CancellationToken cancellation)
    {
        foreach (var silo in _misses.Keys.Except(targets).ToList())
        {
            _ = _misses.Remove(silo);
        }

        foreach (var silo in _votes.Where(vote => vote.Value.IsCompleted).Select(vote => vote.Key).ToList())
        {
            _ = _votes.Remove(silo);
        }

        for (var i = 0; i < targets.Count; i++)
        {
            var silo = targets[i];
            var misses = _misses[silo] = answers[i] ? 0 : _misses.GetValueOrDefault(silo) + 1;
            if (misses == 0)
            {
                continue;
            }

            LogMissed(silo, misses, options.NumMissedProbesLimit);
            if (misses >= options.NumMissedProbesLimit && !_votes.ContainsKey(silo))
            {
                // Not awaited: a table that is slow must not stop the probes.
                _votes[silo] = suspicion.VoteAsync(silo, ended, cancellation);
            }
        }
    }

    private async Task<bool> AnswersAsync(SiloAddress silo, CancellationToken cancellation) =>
        await PeerProbe.TryAsync(probe.Value, silo, options.ProbeTimeout, time, cancellation) is not null;

    [LoggerMessage(9321, LogLevel.Information, "Silo {Silo} has missed {Misses} probe(s) in a row; {Limit} are too many")]
    private partial void LogMissed(SiloAddress silo, int misses, int limit);

    [LoggerMessage(9322, LogLevel.Warning,
        "A round of probes took {Duration} instead of {Period}: this process stood still, and its measurements do not count")]
    private partial void LogStoodStill(TimeSpan duration, TimeSpan period);
}
