namespace Admission.Bench.Proxies.Peers;

/// <summary>YARP without Admission (bench/PlainYarp).</summary>
internal static class Yarp
{
    public const string Setup = "ASP.NET's limiter: `ConcurrencyLimiter` with `QueueLimit`, as the global limiter before YARP; it has no longest wait";

    private static readonly string Program = Repository.Built("bench/PlainYarp", "PlainYarp");

    /// <summary>Forwards everything.</summary>
    public static Peer Plain(string name = "plain YARP") => With(name);

    /// <summary>With ASP.NET's concurrency limiter and its queue in front.</summary>
    public static Peer Limited(string name, Bound bound) => With(name, "--limit", $"{bound.Limit}", "--queue", $"{bound.Queue}");

    /// <summary>Answers everything with a fixed 503.</summary>
    public static Peer Refusing(string name) => With(name, "--refuse", "true");

    private static Peer With(string name, params string[] arguments) =>
        new(name, async backend => Front.Of(await Server.DotnetAsync(Program, ["--to", $"{backend.Address}", .. arguments])));
}
