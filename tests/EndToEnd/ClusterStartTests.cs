using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Admission.EndToEnd;

/// <summary>A cluster as a user starts it: in any order, with one setting, and with what a stranger or a mistake meets.</summary>
public sealed class ClusterStartTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _things = [];
    private PostgresServer _postgres = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.IsInstalled)
        {
            _postgres = Keep(await PostgresServer.StartAsync());
        }
    }

    public async Task DisposeAsync()
    {
        for (var i = _things.Count - 1; i >= 0; i--)
        {
            await _things[i].DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task Two_silos_and_a_frontend_form_a_cluster_and_a_planned_stop_of_one_loses_nothing()
    {
        Need.Postgres();
        var silos = new[] { Keep(new SiloProcess(_postgres.ConnectionString())), Keep(new SiloProcess(_postgres.ConnectionString())) };
        await Task.WhenAll(silos.Select(silo => silo.StartAsync()));
        var gateway = await FrontendAsync("--Admission:ShutdownTimeout", "5s");
        await gateway.ReadyAsync();
        (await gateway.GetAsync("/")).Status.ShouldBe(200, gateway.Output);

        var version = await silos[0].HealthAsync("/admission/v1/version");
        version!.Body.ShouldContain("\"product\":\"Admission\"");
        (await gateway.GetAsync("/admission/v1/backends")).Body.ShouldContain("\"status\":\"granting\"");

        foreach (var silo in silos)
        {
            silo.Process.Signal(ChildProcess.Terminate);
            (await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, silo.Output);
            if (silo == silos[0])
            {
                await AnswersAsync(gateway);
            }
        }

        // It has nobody to give its permits back to, and tries for as long as it is told.
        gateway.Process.Signal(ChildProcess.Terminate);
        (await gateway.Process.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0, gateway.Output);
    }

    [SkippableFact]
    public async Task A_silo_without_PostgreSQL_says_so_and_joins_when_it_is_there()
    {
        Need.Postgres();
        await _postgres.StopAsync();
        var silo = Keep(new SiloProcess(_postgres.ConnectionString()));
        await silo.LaunchAsync();
        await silo.Process.WaitForOutputAsync("Waiting: PostgreSQL cannot be reached", Bound);
        var health = await silo.HealthAsync("/health/ready");
        health!.Status.ShouldBe(503);
        health.Body.ShouldContain("PostgreSQL cannot be reached");

        await _postgres.ResumeAsync();
        await silo.ReadyAsync();
        silo.Output.ShouldContain("Joined the cluster 'admission'");
    }

    [SkippableFact]
    public async Task A_silo_whose_PostgreSQL_goes_away_says_how_long_it_still_grants()
    {
        Need.Postgres();
        var silo = Keep(new SiloProcess(_postgres.ConnectionString(), "--Cluster:AuthorityTtl", "6s", "--Cluster:AuthorityRenewal", "500ms"));
        await silo.StartAsync();
        await _postgres.StopAsync();
        await NotReadyAsync(silo, "grants go on for another");
        await NotReadyAsync(silo, "authority has run out");
        silo.Process.HasExited.ShouldBeFalse(silo.Output);
        await _postgres.ResumeAsync();
        await silo.ReadyAsync();
    }

    [SkippableFact]
    public async Task A_silo_that_waits_can_be_stopped()
    {
        Need.Postgres();
        await _postgres.StopAsync();
        var silo = Keep(new SiloProcess(_postgres.ConnectionString()));
        await silo.LaunchAsync();
        silo.Process.Signal(ChildProcess.Terminate);
        (await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, silo.Output);
    }

    [SkippableFact]
    public async Task A_frontend_without_silos_is_up_says_what_it_waits_for_and_goes_on_when_one_comes()
    {
        Need.Postgres();
        var gateway = await FrontendAsync();
        await gateway.Process.WaitForOutputAsync("Waiting: no silo has set the database", Bound);
        (await Health.AskAsync(gateway.Port, "/health/live"))!.Status.ShouldBe(200);
        (await Health.AskAsync(gateway.Port, "/health/ready"))!.Body.ShouldContain("no silo has set the database");
        var refused = await gateway.GetAsync("/");
        refused.Status.ShouldBe(503);
        refused.Header("Retry-After").ShouldBe("1");
        refused.Body.ShouldContain("\"reason\":\"starting\"");
        var lease = await gateway.GetAsync("/admission/v1/backends/app/leases/1-AAAAAAAAAAAAAAAAAAAAAA");
        lease.Status.ShouldBe(503, lease.Body);
        lease.Body.ShouldContain("\"reason\":\"starting\"");

        var silo = Keep(new SiloProcess(_postgres.ConnectionString()));
        await silo.StartAsync();
        await gateway.ReadyAsync();
        (await gateway.GetAsync("/")).Status.ShouldBe(200, gateway.Output);
    }

    [SkippableFact]
    public async Task A_frontend_that_waits_can_be_stopped()
    {
        Need.Postgres();
        var gateway = await FrontendAsync();
        await gateway.Process.WaitForOutputAsync("Waiting: ", Bound);
        gateway.Process.Signal(ChildProcess.Terminate);
        (await gateway.Process.WaitForExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, gateway.Output);
    }

    [SkippableFact]
    public async Task A_stranger_is_refused_at_both_ports_without_a_word()
    {
        Need.Postgres();
        var silo = Keep(new SiloProcess(_postgres.ConnectionString()));
        await silo.StartAsync();
        foreach (var port in new[] { silo.Port, silo.GatewayPort })
        {
            using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await stranger.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            await stranger.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: silo.example\r\nX-Fill: 0123456789\r\n\r\n"));
            (await ReceivedAsync(stranger)).ShouldBe(0);
        }

        // The log may be told after the connection is closed.
        await silo.Process.WaitForOutputAsync("is refused: it does not speak the cluster's language", Bound);

        // Another secret is as good as none.
        var gateway = await FrontendAsync("--Cluster:Secret", "not the one in the database");
        await gateway.Process.WaitForOutputAsync("did not take this process for a member of the cluster", Bound);
        (await Health.AskAsync(gateway.Port, "/health/ready"))!.Status.ShouldBe(503);
    }

    [SkippableFact]
    public async Task Silos_with_nothing_but_the_database_take_free_ports()
    {
        Need.Postgres();
        var silos = Enumerable.Range(0, 3).Select(_ => Keep(ChildProcess.Start("dotnet", [Repository.SiloAssembly, "--cluster", _postgres.ConnectionString()]))).ToArray();
        foreach (var silo in silos)
        {
            await silo.WaitForOutputAsync("Joined the cluster", Bound);
        }

        silos.Select(silo => silo.Output.Split('\n').First(line => line.Contains("  Silos  ", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
    }

    [SkippableFact]
    public async Task A_database_that_somebody_else_uses_is_left_alone_with_code_2()
    {
        Need.Postgres();
        await using (var source = NpgsqlDataSource.Create(_postgres.ConnectionString()))
        {
            await using var command = source.CreateCommand("CREATE TABLE OrleansQuery (something text)");
            await command.ExecuteNonQueryAsync();
        }

        var silo = Keep(ChildProcess.Start("dotnet", [Repository.SiloAssembly, "--cluster", _postgres.ConnectionString()]));
        (await silo.WaitForExitAsync(Bound)).ShouldBe(2, silo.Output);
        silo.Output.ShouldContain("Give Admission a database of its own.");
    }

    private static Task NotReadyAsync(SiloProcess silo, string reason)
    {
        HttpAnswer? last = null;
        return Until.TrueAsync(
            async () => (last = await silo.HealthAsync("/health/ready")) is { Status: 503 } answer && answer.Body.Contains(reason, StringComparison.Ordinal),
            Bound,
            () => $"The silo never says '{reason}': {last?.Body}\n{silo.Output}");
    }

    private static Task AnswersAsync(Gateway gateway)
    {
        HttpAnswer? last = null;
        return Until.TrueAsync(
            async () => (last = await gateway.GetAsync("/")).Status == 200, TimeSpan.FromSeconds(10), () => $"No answer: {last?.Body}\n{gateway.Output}");
    }

    private static async Task<int> ReceivedAsync(Socket socket)
    {
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            return await socket.ReceiveAsync(new byte[100].AsMemory(), bound.Token);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    // In front of the built-in sample backend.
    private async Task<Gateway> FrontendAsync(params string[] more) =>
        Keep(await Gateway.WithArgumentsAsync(["--cluster", _postgres.ConnectionString(), .. more]));

    private T Keep<T>(T thing)
        where T : IAsyncDisposable
    {
        _things.Add(thing);
        return thing;
    }
}
