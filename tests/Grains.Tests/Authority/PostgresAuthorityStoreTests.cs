using System.Diagnostics;
using Admission.Grains.Authority;
using Admission.Testing;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit.Abstractions;

namespace Admission.Grains.Tests.Authority;

public sealed class PostgresAuthorityStoreTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(45);

    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync() => _database = postgres.IsRunning ? NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync()) : null!;

    public async Task DisposeAsync() => await (_database?.DisposeAsync() ?? default);

    [SkippableFact]
    public async Task Claims_race_and_nobody_gets_the_same_epoch()
    {
        Skip.IfNot(postgres.IsRunning);
        var silos = Enumerable.Range(0, 4).Select(silo => Store($"silo {silo}")).ToList();
        var claims = await Task.WhenAll(Enumerable.Range(0, 100).Select(claim => silos[claim % 4].ClaimAsync("b", 5, default)));
        claims.Order().ShouldBe(Enumerable.Range(6, 100).Select(epoch => (long)epoch));
    }

    [SkippableFact]
    public async Task A_claim_is_above_the_record_and_above_every_other_claim()
    {
        Skip.IfNot(postgres.IsRunning);
        var store = Store();
        (await store.ClaimAsync("b", 41, default)).ShouldBe(42);
        (await store.ClaimAsync("b", 3, default)).ShouldBe(43);
        (await store.ClaimAsync("b", 50, default)).ShouldBe(51);
        (await store.ClaimAsync("other", 0, default)).ShouldBe(1);
        (await Store(service: "another service").ClaimAsync("b", 0, default)).ShouldBe(1);
    }

    [SkippableFact]
    public async Task Renews_who_has_the_highest_claim_and_nobody_else()
    {
        Skip.IfNot(postgres.IsRunning);
        var store = Store();
        await store.ClaimAsync("mine", 0, default);
        await store.ClaimAsync("lost", 0, default);
        await store.ClaimAsync("lost", 1, default);

        var ours = await store.RenewAsync([new("mine", 1), new("lost", 1), new("unknown", 1), new("mine", 2)], Ttl, default);
        ours.ShouldBe([new LedgerClaim("mine", 1)]);
        (await Store(service: "another service").RenewAsync([new("mine", 1)], Ttl, default)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Renews_a_thousand_backends_in_one_statement()
    {
        Skip.IfNot(postgres.IsRunning);
        var store = Store();
        var ledgers = Enumerable.Range(0, 1_000).Select(backend => new LedgerClaim($"backend-{backend}", 1)).ToList();
        foreach (var ledger in ledgers)
        {
            await store.ClaimAsync(ledger.Backend, 0, default);
        }

        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            (await store.RenewAsync(ledgers, Ttl, default)).Count.ShouldBe(1_000);
            output.WriteLine($"1,000 backends renewed in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        }
    }

    [SkippableFact]
    public async Task Each_silo_has_a_row_and_those_of_silos_long_gone_go()
    {
        Skip.IfNot(postgres.IsRunning);
        await Store("gone").RenewAsync([], Ttl, default);
        await Store("here").RenewAsync([], Ttl, default);
        await using var connection = await _database.OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE admission_silo SET renewed_at = now() - interval '2 hours', started_at = now() - interval '3 hours'");

        // A silo that wakes up after two hours keeps its own row.
        await Store("here").RenewAsync([new("b", 1)], Ttl, default);

        var row = await connection.QuerySingleAsync<(string Silo, long Authority, int Ledgers, bool Fresh, bool Started)>(
            "SELECT silo, authority_ms, ledgers, renewed_at > now() - interval '1 minute', started_at < now() - interval '2 hours' FROM admission_silo");
        row.ShouldBe(("here", 45_000, 1, true, true));
    }

    [SkippableFact]
    public async Task A_database_that_does_not_answer_is_given_up_in_time()
    {
        Skip.IfNot(postgres.IsRunning);
        var store = Store(timeout: TimeSpan.FromMilliseconds(200));
        await Store().ClaimAsync("b", 0, default);
        await using var connection = await _database.OpenConnectionAsync();
        await using var locked = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("LOCK TABLE admission_epoch");

        (await Should.ThrowAsync<TimeoutException>(() => store.RenewAsync([new("b", 1)], Ttl, default))).Message.ShouldContain("0.2 s");
        // Of another backend: the server may still make a claim that its asker has given up, and then nobody has the authority of the one before.
        await Should.ThrowAsync<TimeoutException>(() => store.ClaimAsync("other", 0, default));

        await locked.RollbackAsync();
        (await Store().RenewAsync([new("b", 1)], Ttl, default)).Count.ShouldBe(1);
    }

    private PostgresAuthorityStore Store(string silo = "silo", string service = "admission", TimeSpan? timeout = null) =>
        new(_database, Options.Create(new PostgresAuthorityOptions { ServiceId = service, Silo = silo, StatementTimeout = timeout ?? TimeSpan.FromSeconds(10) }), TimeProvider.System);
}
