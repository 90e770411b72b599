using Admission.Capacity;
using Admission.Testing;
using Orleans.Storage;

namespace Admission.Grains.Tests.Authority;

public sealed class CapacityGrainAuthorityTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly BackendPolicy Policy = new() { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = 5 };
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly SharedRecord _record = new();
    private readonly List<GrainHost> _silos = [];
    private string _database = "";

    public async Task InitializeAsync()
    {
        _record.Put(new LedgerState { Policy = Policy, PolicyVersion = 1 });
        _database = postgres.IsRunning ? await postgres.CreateDatabaseAsync() : "";
    }

    public async Task DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_ledger_whose_successor_has_claimed_steps_down_with_the_next_renewal()
    {
        Skip.IfNot(postgres.IsRunning);
        var old = Silo();
        await old.ActivateAsync();
        await old.ReportAsync("a", 1, epoch: 1, ticket: 1);
        await old.Authority.RenewAsync(default);
        (await old.ReportAsync("a", 2, epoch: 1, held: 1, applied: 1)).Status.ShouldBe(LedgerStatus.Granting);

        var successor = Silo();
        var grain = await successor.ActivateAsync();
        _record.Stored.Epoch.ShouldBe(2);
        (await old.ReportAsync("a", 3, epoch: 1, held: 1, applied: 1)).Status.ShouldBe(LedgerStatus.Granting);
        await old.Authority.RenewAsync(default);

        (await old.ReportAsync("a", 4, epoch: 1, held: 1, applied: 1)).Status.ShouldBe(LedgerStatus.NoAuthority);
        old.Authority.Ledgers.ShouldBe(0);
        await successor.Authority.RenewAsync(default);
        (await grain.DescribeAsync()).Status.ShouldBe(LedgerStatus.Recovering);
    }

    [SkippableFact]
    public async Task An_activation_that_is_overtaken_between_claim_and_write_does_not_begin()
    {
        Skip.IfNot(postgres.IsRunning);
        var overtaken = Silo();
        var other = Silo();
        _record.BeforeWrite = () => other.ActivateAsync();

        await Should.ThrowAsync<InconsistentStateException>(overtaken.ActivateAsync);

        _record.Stored.Epoch.ShouldBe(2);
        overtaken.Authority.Ledgers.ShouldBe(0);
        await other.Authority.RenewAsync(default);
        (await other.ReportAsync("a", 1, epoch: 2, ticket: 1)).Decisions.Single().Kind.ShouldBe(DecisionKind.Grant);
    }

    [SkippableFact]
    public async Task A_claim_of_an_activation_that_never_began_leaves_a_gap_and_nothing_else()
    {
        Skip.IfNot(postgres.IsRunning);
        _record.Failure = new IOException("The storage is away.");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Should.ThrowAsync<IOException>(Silo().ActivateAsync);
        }

        _record.Failure = null;
        await Silo().ActivateAsync();
        _record.Stored.Epoch.ShouldBe(4);
    }

    [SkippableFact]
    public async Task A_record_above_every_claim_is_where_epochs_go_on()
    {
        Skip.IfNot(postgres.IsRunning);
        _record.Put(_record.Stored with { Epoch = 70 });
        var silo = Silo();
        await silo.ActivateAsync();
        await silo.Authority.RenewAsync(default);
        (await silo.ReportAsync("a", 1, epoch: 71, ticket: 1)).Status.ShouldBe(LedgerStatus.Granting);
    }

    [SkippableFact]
    public async Task A_recovery_ends_with_the_report_of_the_last_stored_life()
    {
        Skip.IfNot(postgres.IsRunning);
        var dead = Silo();
        await dead.ActivateAsync();
        await dead.ReportAsync("a", 1, epoch: 1, ticket: 1);
        await dead.ReportAsync("b", 1, epoch: 1);

        var successor = Silo();
        await successor.ActivateAsync();
        (await successor.ReportAsync("a", 2, epoch: 2, held: 1, applied: 1)).Status.ShouldBe(LedgerStatus.Recovering);
        (await successor.ReportAsync("b", 2, epoch: 2)).Status.ShouldBe(LedgerStatus.Granting);
    }

    [SkippableFact]
    public async Task A_planned_hand_over_resumes_at_once()
    {
        Skip.IfNot(postgres.IsRunning);
        var leaving = Silo();
        await leaving.ActivateAsync();
        await leaving.ReportAsync("a", 1, epoch: 1, ticket: 1);
        await leaving.ReportAsync("a", 2, epoch: 1, held: 1, applied: 1);
        await leaving.ReportAsync("b", 1, epoch: 1, ticket: 1);
        await leaving.DeactivateAsync();

        var successor = Silo();
        var grain = await successor.ActivateAsync();
        var description = await grain.DescribeAsync();
        description.Status.ShouldBe(LedgerStatus.Granting);
        description.Destinations.Single().Booked.ShouldBe(1);
        description.Occupancy.Queued.ShouldBe(1);
    }

    [SkippableFact]
    public async Task Authority_outlives_the_database_for_its_time_and_comes_back_with_it()
    {
        Skip.IfNot(PostgresServer.IsInstalled);
        await using var server = await PostgresServer.StartAsync();
        _database = await server.CreateDatabaseAsync(PostgresServer.Schema);
        var ttl = TimeSpan.FromSeconds(3);
        var silo = Silo(ttl);
        await silo.ActivateAsync();
        await silo.ReportAsync("a", 1, epoch: 1, ticket: 1);
        await silo.Authority.StartAsync(default);
        await Until.TrueAsync(() => silo.Authority.IsValid, Bound, () => "No renewal has succeeded.");

        await server.StopAsync();
        var sequence = 1L;
        var last = TimeSpan.Zero;
        await Until.TrueAsync(
            async () =>
            {
                var age = silo.Authority.Age!.Value;
                var status = (await silo.ReportAsync("a", ++sequence, epoch: 1, held: 1, applied: 1)).Status;
                last = status == LedgerStatus.NoAuthority ? last : age;
                return status == LedgerStatus.NoAuthority;
            },
            Bound,
            () => "The authority does not run out.");
        silo.Authority.IsValid.ShouldBeFalse();
        last.ShouldBeGreaterThan(ttl - TimeSpan.FromMilliseconds(500));

        await server.ResumeAsync();
        await Until.TrueAsync(
            async () => (await silo.ReportAsync("a", ++sequence, epoch: 1, held: 1, applied: 1)).Status == LedgerStatus.Granting,
            Bound,
            () => "The authority does not come back.");
        silo.Authority.IsValid.ShouldBeTrue();
    }

    private GrainHost Silo(TimeSpan? authorityTtl = null)
    {
        var silo = new GrainHost(_record, _database, authorityTtl);
        _silos.Add(silo);
        return silo;
    }
}
