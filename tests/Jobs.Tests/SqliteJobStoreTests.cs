using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Admission.Jobs.Tests;

public class SqliteJobStoreTests : JobStoreRules
{
    [Fact]
    public async Task A_file_has_one_process_at_a_time_and_the_next_takes_up_what_the_last_had()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        (await Make.MarkAsync(store, await Make.ClaimOneAsync(store))).ShouldBeTrue();
        (await Should.ThrowAsync<IOException>(stores.OpenAsync)).Message.ShouldContain("data folder of its own");

        await stores.CloseAsync(store);
        var next = await stores.OpenAsync();
        var claim = await Make.ClaimOneAsync(next);
        (claim.Id, claim.Attempts).ShouldBe((job.Id, 1));
        JobAttempt.Parse((await Make.FindAsync(next, job.Id)).History).ShouldHaveSingleItem().Reason.ShouldBe(JobReasons.GatewayLost);
    }

    [Fact]
    public async Task A_store_that_cannot_be_opened_gives_back_what_it_has_taken()
    {
        await using var stores = new SqliteStores();
        await stores.CloseAsync(await stores.OpenAsync());
        stores.Spoil();
        for (var i = 0; i < 2; i++)
        {
            (await Should.ThrowAsync<SqliteException>(stores.OpenAsync)).Message.ShouldContain("no such table");
        }
    }

    [Fact]
    public async Task Jobs_of_the_version_before_are_taken_over()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        await Make.ClaimOneAsync(store);
        await stores.CloseAsync(store);
        stores.MakeVersion1();

        // Nobody knows whether that one's gateway had sent it.
        store = await stores.OpenAsync();
        (await Make.FindAsync(store, job.Id)).Attempts.ShouldBe(1);
        (await Make.MarkAsync(store, await Make.ClaimOneAsync(store))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_clock_that_is_set_makes_no_claim_run_out()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        var claim = await Make.ClaimOneAsync(store);
        stores.SetClock(TimeSpan.FromHours(1));
        await store.TendAsync(CancellationToken.None);
        (await Make.StateAsync(store, job.Id)).ShouldBe(JobState.Running);
        (await Make.FinishAsync(store, claim, Make.Done())).ShouldBeTrue();
    }

    private protected override JobStores Create() => new SqliteStores();
}
