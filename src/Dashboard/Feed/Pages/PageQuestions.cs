using Admission.Capacity;

namespace Admission.Dashboard.Feed.Pages;

/// <summary>What one backend's page asks its ledger for beside the overview's row: holders and destinations each time, who waits while somebody does, decisions and the policy when there are new ones.</summary>
/// <remarks>Asked by one round at a time.</remarks>
internal sealed class PageQuestions(IGrainFactory grains, string key, TimeProvider time)
{
    /// <summary>Longer than a call to a ledger takes by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Decisions that are asked for, of which the newest are shown and all are counted by their reasons.</summary>
    private const int Decisions = 200;

    private long _recorded = -1;
    private long _epoch;

    /// <summary>The backend with its holders and destinations.</summary>
    public BackendDescription? Described { get; private set; }

    /// <summary>The oldest leases of programs.</summary>
    public LeasePage? Leases { get; private set; }

    /// <summary>Who waits.</summary>
    public WaitingPage? Waiting { get; private set; }

    /// <summary>The last decisions, and when they were told.</summary>
    public (DecisionPage Page, DateTimeOffset At)? Decided { get; private set; }

    /// <summary>The policy.</summary>
    public PolicyDescription? Policy { get; private set; }

    /// <summary>Asks what is news by the ledger's short answer. What fails stays as it was, and is asked again in the next round.</summary>
    public async Task AskAsync(BackendGlance glance, CancellationToken cancellation)
    {
        var grain = grains.GetGrain<ICapacityGrain>(key);
        if (_epoch != glance.Epoch)
        {
            (_epoch, _recorded) = (glance.Epoch, -1);
        }

        await Task.WhenAll(
            DescribeAsync(grain, cancellation),
            glance.Leases > 0 || Leases is { Total: > 0 } ? LeasesAsync(grain, cancellation) : Task.CompletedTask,
            glance.Waiting > 0 || Waiting is not { Total: 0 } ? WaitingAsync(grain, cancellation) : Task.CompletedTask,
            glance.Recorded != _recorded ? DecisionsAsync(grain, cancellation) : Task.CompletedTask,
            Policy is null || glance.PolicyVersion != Policy.Version ? PolicyAsync(grain, cancellation) : Task.CompletedTask);
    }

    private async Task DescribeAsync(ICapacityGrain grain, CancellationToken cancellation) =>
        Described = await grain.DescribeAsync().WaitAsync(Patience, time, cancellation);

    private async Task LeasesAsync(ICapacityGrain grain, CancellationToken cancellation) =>
        Leases = await grain.LeasesAsync(new LeaseQuery()).WaitAsync(Patience, time, cancellation);

    private async Task WaitingAsync(ICapacityGrain grain, CancellationToken cancellation) =>
        Waiting = await grain.WaitingAsync(new WaitingQuery()).WaitAsync(Patience, time, cancellation);

    private async Task DecisionsAsync(ICapacityGrain grain, CancellationToken cancellation)
    {
        var page = await grain.DecisionsAsync(new DecisionQuery { Count = Decisions }).WaitAsync(Patience, time, cancellation);
        Decided = (page, time.GetUtcNow());
        _recorded = page.Recorded;
    }

    private async Task PolicyAsync(ICapacityGrain grain, CancellationToken cancellation) =>
        Policy = await grain.DescribePolicyAsync().WaitAsync(Patience, time, cancellation);
}
