using System.Collections.Concurrent;
using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

/// <summary>Whose jobs are taken up, where one tenant's wait long.</summary>
public class ClaimTurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Each_place_goes_to_whoever_has_the_fewest_waiting_for_its_weight()
    {
        Turns(("A", 3)).Divide(["A", "B"], 4).ShouldBe([1, 3]);
        Turns(("A", 10)).Divide(["A", "B"], 1).ShouldBe([0, 1]);
        Turns().Divide(["B", "C", "A"], 2).ShouldBe([1, 1, 0]);
        Turns().Divide(["heavy", "B"], 8).ShouldBe([6, 2]);
    }

    [Fact]
    public void Who_has_as_many_as_it_may_gets_none()
    {
        Turns().Divide(["capped", "B"], 10).ShouldBe([2, 8]);
        Turns(("capped", 1)).Divide(["capped"], 10).ShouldBe([1]);
        Turns(("capped", 2)).IsBusy("capped").ShouldBeTrue();
        Turns(("capped", 1)).IsBusy("capped").ShouldBeFalse();
    }

    [Fact]
    public async Task A_tenant_at_its_cap_leaves_the_places_to_the_others()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (gate, capped, others) = (new TaskCompletionSource(), new SemaphoreSlim(1), new ConcurrentBag<string>());
        for (var i = 0; i < 40; i++)
        {
            await Make.AddAsync(store, Make.Job("capped"));
        }

        // The ledger gives the capped one a single permit, which it keeps.
        var policy = new JobPolicy { AtOnce = 6, Tenants = Rules };
        await using var runners = new Runners(store, policy, async (attempt, _) =>
        {
            var isCapped = attempt.Claim.Tenant == "capped";
            if (isCapped)
            {
                await Task.WhenAny(capped.WaitAsync(), gate.Task);
            }

            (await attempt.BeforeSending()).ShouldBeTrue();
            if (isCapped)
            {
                await gate.Task;
            }
            else
            {
                others.Add(attempt.Claim.Id);
            }

            return Runners.Answered();
        });
        await Until.TrueAsync(() => runners.Runner.Running == 3, Patience, () => $"{runners.Runner.Running} are taken up; one in the backend and two that wait were right.");
        for (var i = 0; i < 20; i++)
        {
            await Make.AddAsync(store, Make.Job("B"));
        }

        await Until.TrueAsync(() => others.Count == 20, Patience, () => $"{others.Count} of the other tenant's have run beside the capped one.");
        gate.SetResult();
        await Until.TrueAsync(() => runners.Runner.Running == 0, Patience, () => "The capped one's do not end.");
    }

    private static JobTenants Rules { get; } = new(null, new Dictionary<string, JobTenantRule> { ["capped"] = new(1, 1), ["heavy"] = new(3, null) });

    private static ClaimTurns Turns(params (string Tenant, int Count)[] waiting) => new(null, waiting.ToDictionary(each => each.Tenant, each => each.Count), Rules);
}
