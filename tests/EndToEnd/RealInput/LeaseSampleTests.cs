using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace Admission.EndToEnd.RealInput;

/// <summary>
/// The Python sample as it is: a Flask application under gunicorn whose workers take a lease for each connection to MariaDB, so that all of them together have no more than 20 open. What counts is what
/// the database itself has counted.
/// </summary>
// The database closes a connection's socket just before it counts it no more: on a processor that others keep busy one can be there twice.
[Collection(Measured.Name)]
public sealed class LeaseSampleTests(ITestOutputHelper output)
{
    private const int Limit = 20;
    private const int Clients = 200;
    private const int Turns = 2;

    [SkippableFact]
    public async Task Workers_of_a_Flask_application_share_20_connections_to_MariaDB()
    {
        Need.Gunicorn();
        Need.MariaDb();
        await using var database = await MariaDbServer.StartAsync();
        await using var gateway = await Gateway.WithFileAsync(Configuration());
        await using var application = await PythonBackend.LeaseSampleAsync(workers: 4, threads: Clients / 4, database, gateway.Port);

        var begun = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => AskAsync(application.Port)));
        var took = Stopwatch.GetElapsedTime(begun);

        var most = await database.CounterAsync("Max_used_connections");
        output.WriteLine($"{Clients * Turns} requests of {Clients} clients in {took.TotalSeconds:F1} s; at most {most} connections, by the database's own counter");
        answers.SelectMany(each => each).ShouldAllBe(answer => answer.Status == 200, application.Output);
        most.ShouldBeInRange(Limit / 2, Limit, "Never more; and not so few that there was nothing to limit.");
    }

    [SkippableTheory]
    [InlineData(0, "False")]
    [InlineData(1, "True")]
    public async Task An_answer_that_was_long_on_its_way_does_not_lengthen_a_lease_and_what_it_has_waited_does_not_shorten_it(int waited, string isHeld)
    {
        Need.Gunicorn();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = AnswerAsync(listener, TimeSpan.FromSeconds(1), $$$"""{"id":"1-x","ttl":1,"expiresIn":0.9,"waited":{{{waited}}},"fencing":{"epoch":1,"number":1}}""");
        const string Program = "import admission, sys\nwith admission.Leases('b', (sys.argv[1],)).lease() as lease: print(lease.is_held())";

        await using var program = ChildProcess.Start("/usr/bin/python3", ["-B", "-c", Program, $"http://{listener.LocalEndpoint}"], new Dictionary<string, string> { ["NO_PROXY"] = "*" }, Repository.PythonSample);

        (await program.WaitForExitAsync(TimeSpan.FromSeconds(30))).ShouldBe(0, program.Output);
        program.Output.ShouldBe(isHeld);
        await answering;
    }

    // The lease after a while, and its release at once.
    private static async Task AnswerAsync(TcpListener listener, TimeSpan late, string lease)
    {
        foreach (var (wait, answer) in new[] { (late, $"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n{lease}"), (TimeSpan.Zero, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") })
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[4096].AsMemory());
            await Task.Delay(wait);
            await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static string Configuration() => JsonSerializer.Serialize(new
    {
        ReverseProxy = new { Clusters = new { connections = new { Destinations = new { none = new { Address = "http://127.0.0.1:9" } } } } },
        Admission = new { Backends = new { connections = new { Limit, Overflow = "Wait", Queue = new { Capacity = 1000, MaxWait = "30s" } } } },
    });

    private static async Task<List<HttpAnswer>> AskAsync(int port)
    {
        var answers = new List<HttpAnswer>();
        using var connection = await HttpConnection.OpenAsync(port);
        for (var turn = 0; turn < Turns; turn++)
        {
            await connection.SendAsync("GET", "/query");
            answers.Add(await connection.ReadAsync());
        }

        return answers;
    }
}
