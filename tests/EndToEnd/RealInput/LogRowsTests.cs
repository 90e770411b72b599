using System.Diagnostics;
using Xunit.Abstractions;

namespace Admission.EndToEnd.RealInput;

/// <summary>
/// One of the two cases that started this: 500 clients write log rows through a Flask service to a MariaDB that takes 151 connections. By themselves they
/// get "Too many connections"; with Admission each row is written exactly once, and no client sees an error.
/// </summary>
public sealed class LogRowsTests(LogService log, ITestOutputHelper output) : IClassFixture<LogService>
{
    // MariaDB's code for it. PyMySQL cuts the first letters of the text, which the server sends without an SQL state.
    private const string TooManyConnections = "(1040, ";

    [SkippableFact]
    public async Task Without_Admission_clients_meet_too_many_connections()
    {
        Need.MariaDb();
        var clients = await RunAsync("straight", "", _ => log.Service.Port);
        clients.Errors.ShouldContain(error => error.Contains(TooManyConnections, StringComparison.Ordinal));
        (await log.Database.CounterAsync("Connection_errors_max_connections")).ShouldBeGreaterThan(0);
    }

    [SkippableFact]
    public async Task With_Admission_each_row_is_written_exactly_once_and_no_client_sees_an_error()
    {
        Need.MariaDb();
        await using var gateway = await Gateway.InFrontOfAsync(LogService.Policy("Defer"), log.Service);
        await ShouldAllBeWrittenAsync("deferred", "", _ => gateway.Port, deferred: true);
    }

    [SkippableFact]
    public async Task So_it_is_with_two_gateways_of_which_one_has_nine_tenths_of_the_clients()
    {
        Need.MariaDb();
        Need.Postgres();
        await using var postgres = await PostgresServer.StartAsync();
        var cluster = postgres.ConnectionString();
        await using var silo = new SiloProcess(cluster);
        var file = GatewayFile.For(log.Service, ("defer", LogService.Policy("Defer")), ("wait", LogService.Policy("Wait")));
        var joined = silo.StartAsync();
        await using var one = await Gateway.WithFileAsync(file, "--cluster", cluster);
        await using var other = await Gateway.WithFileAsync(file, "--cluster", cluster);
        await Task.WhenAll(joined, one.ReadyAsync(), other.ReadyAsync());
        await ShouldAllBeWrittenAsync("two-deferred", "/defer", client => client % 10 == 0 ? other.Port : one.Port, deferred: true);
        await ShouldAllBeWrittenAsync("two-waiting", "/wait", client => client % 10 == 0 ? other.Port : one.Port, deferred: false);
    }

    private async Task ShouldAllBeWrittenAsync(string load, string path, Func<int, int> portOf, bool deferred)
    {
        var refused = await log.Database.CounterAsync("Connection_errors_max_connections");
        await log.Database.QueryAsync("FLUSH STATUS");
        var clients = await RunAsync(load, path, portOf);
        clients.Errors.ShouldBeEmpty();
        (clients.Deferred > 0).ShouldBe(deferred);
        var written = await log.Database.QueryAsync($"SELECT name FROM logs.log_rows WHERE name LIKE '{load}-%'");
        written.Order(StringComparer.Ordinal).ShouldBe(clients.Names);
        (await log.Database.CounterAsync("Connection_errors_max_connections")).ShouldBe(refused);
        (await log.Database.CounterAsync("Max_used_connections")).ShouldBeLessThan(MariaDbServer.MaxConnections);
    }

    private async Task<LogClients> RunAsync(string load, string path, Func<int, int> portOf)
    {
        var clients = new LogClients(load, path, portOf);
        var begun = Stopwatch.GetTimestamp();
        await clients.RunAsync();
        var most = await log.Database.CounterAsync("Max_used_connections");
        output.WriteLine($"{load}: {clients.Names.Length} rows in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s, {clients.Deferred} as jobs, {clients.Errors.Count} errors, at most {most} connections");
        foreach (var error in clients.Errors.CountBy(error => error))
        {
            output.WriteLine($"  {error.Value} x {error.Key}");
        }

        return clients;
    }
}
