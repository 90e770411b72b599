using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Finds out whether this silo alone is cut off from the table, or all are.</summary>
/// <remarks>
/// <para>A silo that has not reached the table for <c>NumMissedTableIAmAliveLimit</c> heartbeats asks the others. If one of them has reached it
/// in half that time, the table is there, and this silo tries once more by itself; that attempt begins after the other's success. If it fails twice in a row,
/// it is this silo that is cut off: it cannot hear that it was declared dead, so it goes. If no other has, the table is gone for all, and
/// everybody stays, because nobody can declare anybody dead.</para>
/// <para>Half the time leaves room for two silos' heartbeats that are a period apart, so that in the moment in which the table goes away
/// for all, nobody takes another's last success for a recent one.</para>
/// </remarks>
internal sealed partial class IsolationWatch(
    LocalSilo local, TableReader reader, Lazy<ISiloProbe> probe, ClusterMembershipOptions options, TimeProvider time, ILogger log)
{
    private const int EnoughFailures = 2;

    private readonly TimeSpan _limit = options.NumMissedTableIAmAliveLimit * options.IAmAliveTablePublishTimeout;
    private int _failures;
    private bool _toldThatAllStay;

    /// <summary>Runs until cancelled, or until this silo has to go.</summary>
    /// <returns>Why.</returns>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(options.ProbeTimeout, time, cancellation);
            var age = reader.TableAge;
            if (age <= _limit)
            {
                (_failures, _toldThatAllStay) = (0, false);
            }
            else if (await IsReachedByOthersAsync(cancellation))
            {
                _failures = await reader.LookAsync().WaitAsync(cancellation) ? 0 : _failures + 1;
                if (_failures >= EnoughFailures)
                {
                    return $"it has not reached the membership table for {age}, and others reach it";
                }
            }
            else if (!_toldThatAllStay)
            {
                _toldThatAllStay = true;
                LogAllStay(age);
            }
        }
    }

    private async Task<bool> IsReachedByOthersAsync(CancellationToken cancellation)
    {
        var others = (reader.Latest?.Rows ?? []).Where(row => row.Status == SiloStatus.Active && !row.Address.Equals(local.Address));
        var ages = await Task.WhenAll(others.Select(row => PeerProbe.TryAsync(probe.Value, row.Address, options.ProbeTimeout, time, cancellation)));
        cancellation.ThrowIfCancellationRequested();
        return ages.Any(age => age < _limit / 2);
    }

    [LoggerMessage(9331, LogLevel.Warning,
        "No silo that answers has reached the membership table lately, this one not for {Age}. Everybody stays; silos that end now are not noticed by the table")]
    private partial void LogAllStay(TimeSpan age);
}
