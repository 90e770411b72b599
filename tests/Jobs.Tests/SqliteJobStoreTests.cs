using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

public class SqliteJobStoreTests : JobStoreRules
{
    [Fact]
    public async Task A_file_has_one_process_at_a_time_and_the_next_takes_up_what_the_last_had()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        await Make.ClaimOneAsync(store);
        (await Should.ThrowAsync<IOException>(stores.OpenAsync)).Message.ShouldContain("data folder of its own");

        await stores.CloseAsync(store);
        var next = await stores.OpenAsync();
        var claim = await Make.ClaimOneAsync(next);
        (claim.Id, claim.Attempts).ShouldBe((job.Id, 1));
        JobAttempt.Parse((await Make.FindAsync(next, job.Id)).History).ShouldHaveSingleItem().Reason.ShouldBe(JobReasons.GatewayLost);
    }

    private protected override JobStores Create() => new SqliteStores();
}
