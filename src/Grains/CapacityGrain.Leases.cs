using Admission.Capacity;
using Microsoft.Extensions.Logging;

namespace Admission.Grains;

/// <content>Leases that programs hold by themselves.</content>
public sealed partial class CapacityGrain
{
    private long _leasesReclaimed;

    /// <inheritdoc/>
    public Task<LeaseDescription[]> RenewLeasesAsync(LeaseName[] names) => AskAsync(names, _ledger.RenewLeases);

    /// <inheritdoc/>
    public Task<LeaseDescription[]> ReleaseLeasesAsync(LeaseName[] names) => AskAsync(names, _ledger.ReleaseLeases);

    /// <inheritdoc/>
    public Task<LeasePage> LeasesAsync(LeaseQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ThrowIfTooMany(query.Names?.Length ?? query.Count);
        return Task.FromResult(_ledger.Leases(query));
    }

    /// <summary>Asks the ledger, and again when what it waits for is written: its authority, or the end of a lease.</summary>
    private async Task<LeaseDescription[]> AskAsync(LeaseName[] names, Func<LeaseName[], LeaseDescription[]> ask)
    {
        ArgumentNullException.ThrowIfNull(names);
        ThrowIfTooMany(names.Length);
        TakeRenewal();
        var answers = ask(names);
        for (var writes = 0; writes < MostWrites && IsUnsettled(answers) && (_store is not null || _ledger.StoreNeeded); writes++)
        {
            await StoreAsync();
            answers = ask(names);
        }

        AfterTurn();
        return answers;
    }

    private static bool IsUnsettled(LeaseDescription[] answers) => Array.Exists(answers, answer => answer.State == LeaseState.Unsettled);

    private static void ThrowIfTooMany(int count)
    {
        if (count > LeaseRules.MostPerCall)
        {
            throw new ArgumentException($"{count} leases are asked for; at most {LeaseRules.MostPerCall} are possible.", nameof(count));
        }
    }

    /// <summary>Says when leases were taken back: somebody has died, or does not renew often enough.</summary>
    private void LogReclaimed()
    {
        var reclaimed = _ledger.LeasesReclaimed;
        if (reclaimed > _leasesReclaimed)
        {
            LogReclaimed(_backend, reclaimed - _leasesReclaimed);
            _leasesReclaimed = reclaimed;
        }
    }

    [LoggerMessage(3170, LogLevel.Information, "Backend '{Backend}': {Count} leases were not renewed in time, and their permits were taken back.")]
    private partial void LogReclaimed(string backend, long count);
}
