using Admission.Bench;
using Admission.Testing;

namespace Admission.Held;

/// <summary>Something that has begun to answer and waits.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Accept">What its clients accept.</param>
/// <param name="HasHeartbeats">Whether it sends any.</param>
/// <param name="StartAsync">Starts it before a backend, if it has one; files go into the folder.</param>
internal sealed record Subject(string Name, string Accept, bool HasHeartbeats, Func<Server, TemporaryFolder, Task<Server>> StartAsync)
{
    /// <summary>Requests at the backend at once; the others wait in the queue.</summary>
    public const int Limit = 64;

    /// <summary>How often a heartbeat goes out: the default.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private const int Room = 100_000;

    public static Subject Plain { get; } = new("a plain ASP.NET application that has begun its response", "application/json", HasHeartbeats: false, (_, _) =>
        Server.DotnetAsync(typeof(Subject).Assembly.Location, "plain"));

    public static Subject Held { get; } = new("Admission, held with heartbeats", "application/json", HasHeartbeats: true, StartGatewayAsync);

    public static IReadOnlyList<Subject> All { get; } = [Plain, Held];

    private static Task<Server> StartGatewayAsync(Server backend, TemporaryFolder folder) => Server.DotnetAsync(
        Repository.Gateway, "--to", $"{backend.Address}", "--limit", $"{Limit}", "--queue", $"{Room}", "--max-wait", "10m", "--run-timeout", "10m", "--data", folder["state"],
        "--Admission:Backends:backend:Hold:Mode", "Heartbeat", "--Admission:Backends:backend:Hold:After", "1s", "--Admission:Backends:backend:Hold:Every", $"{Every.TotalSeconds}s");
}
