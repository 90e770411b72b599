using Admission.Testing;
using Npgsql;
using NpgsqlSample;

namespace Admission.Client.Tests.Samples;

/// <summary>What people copy of samples/npgsql: a session ends with its permit, and a permit comes back with the end of its session, whatever happens to either.</summary>
public sealed class LimitedSessionsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PostgresServer? _server;

    public async Task InitializeAsync() => _server = PostgresServer.IsInstalled ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_session_that_fails_is_forgotten_by_the_server_before_its_permit_comes_back()
    {
        using var permits = new LentPermits(2);
        await using var sessions = new LimitedSessions(permits, Database);
        await using var looking = await LookAsync();
        List<long> counted = [];
        permits.ComesBack = () => counted.Add(looking.Count());

        for (var turn = 0; turn < 20; turn++)
        {
            var failure = await Should.ThrowAsync<NotSupportedException>(() => sessions.UseAsync((_, _) => throw new NotSupportedException("of the one who uses it")));
            failure.Message.ShouldBe("of the one who uses it");
        }

        counted.ShouldBe(Enumerable.Repeat(1L, 20), "the session that watches, and no other");
        permits.Free.ShouldBe(1);
    }

    [SkippableFact]
    public async Task When_the_lease_is_lost_all_sessions_end_and_their_permits_come_back()
    {
        using var permits = new LentPermits(3);
        await using var sessions = new LimitedSessions(permits, Database);
        await using var looking = await LookAsync();
        var works = Enumerable.Range(0, 2).Select(_ => sessions.UseAsync(static async (session, cancellation) =>
        {
            await using var query = new NpgsqlCommand("SELECT pg_sleep(60)", session);
            await query.ExecuteNonQueryAsync(cancellation);
        })).ToArray();
        await Until.TrueAsync(() => looking.Count() == 3, Patience, () => "There are no sessions.");

        await permits.LoseAsync();

        foreach (var work in works)
        {
            await Should.ThrowAsync<LeaseLostException>(() => work.WaitAsync(Patience));
        }

        await Until.TrueAsync(() => looking.Count() == 0, Patience, () => "Sessions go on without a permit.");
        permits.Free.ShouldBe(3);
    }

    [SkippableFact]
    public async Task After_a_lost_lease_new_permits_have_new_sessions()
    {
        using var former = new LentPermits(2);
        using var permits = new LentPermits(2);
        using var limiter = new Exchanged(former);
        await using var sessions = new LimitedSessions(limiter, Database);
        await sessions.UseAsync(static (_, _) => Task.CompletedTask);
        await former.LoseAsync();
        limiter.Now = permits;

        await sessions.UseAsync(static async (session, cancellation) =>
        {
            await using var query = new NpgsqlCommand("SELECT 1", session);
            (await query.ExecuteScalarAsync(cancellation)).ShouldBe(1);
        });

        former.Free.ShouldBe(2);
        permits.Free.ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_server_that_cannot_be_reached_keeps_no_permit()
    {
        using var permits = new LentPermits(2);
        await using var sessions = new LimitedSessions(permits, Database);
        await sessions.UseAsync(static (_, _) => Task.CompletedTask);
        await _server!.StopAsync();

        await Should.ThrowAsync<NpgsqlException>(() => sessions.UseAsync(static (_, _) => Task.CompletedTask));
        await Should.ThrowAsync<NpgsqlException>(() => sessions.UseAsync(static (_, _) => Task.CompletedTask));

        permits.Free.ShouldBe(2);
    }

    private string Database
    {
        get
        {
            Skip.If(_server is null, "PostgreSQL is not installed.");
            return $"{_server.ConnectionString()};Application Name=sample";
        }
    }

    private async Task<Looking> LookAsync()
    {
        var connection = new NpgsqlConnection(_server!.ConnectionString());
        await connection.OpenAsync();
        return new Looking(connection);
    }

    /// <summary>What the server itself counts of the sample's sessions.</summary>
    private sealed class Looking(NpgsqlConnection connection) : IAsyncDisposable
    {
        public long Count()
        {
            using var query = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sample'", connection);
            return (long)query.ExecuteScalar()!;
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
