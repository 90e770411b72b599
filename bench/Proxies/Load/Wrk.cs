using System.Globalization;
using System.Text.RegularExpressions;

namespace Admission.Bench.Proxies.Load;

/// <summary>What one run of wrk saw.</summary>
/// <param name="Requests">Answers in all.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="Refused">Those with a status other than 2xx or 3xx.</param>
/// <param name="P50">The median latency in milliseconds.</param>
/// <param name="P99">The 99th percentile in milliseconds.</param>
internal sealed record Wrk(long Requests, double PerSecond, long Refused, double P50, double P99)
{
    /// <summary>Milliseconds that each connection pauses before each request, in <see cref="PacedAsync"/>.</summary>
    private const int Pause = 10;

    /// <summary>As fast as it goes, each connection with one request at a time.</summary>
    public static Task<Wrk> RunAsync(int port, int connections, TimeSpan duration) => RunAsync(port, connections, duration, "/", []);

    /// <summary>At about this rate: each of many connections pauses before each request. A slow server lowers the rate.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="perSecond">Requests a second.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="path">What is asked for.</param>
    /// <param name="waiting">So many connections more, because so many wait for an answer all the time.</param>
    public static async Task<Wrk> PacedAsync(int port, double perSecond, TimeSpan duration, string path = "/", int waiting = 0)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["pace.lua"], $"function delay() return {Pause} end\n");

        // A pause ends up to a millisecond late.
        return await RunAsync(port, waiting + Math.Max(2, (int)Math.Ceiling(perSecond * (Pause + 1) / 1000)), duration, path, ["-s", folder["pace.lua"]]);
    }

    /// <summary>Posts a body as fast as it goes, each connection with one request at a time.</summary>
    public static async Task<Wrk> PostAsync(int port, int connections, TimeSpan duration, string path, int bodyBytes)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder["post.lua"], $"wrk.method = 'POST'\nwrk.body = string.rep('x', {bodyBytes})\nwrk.headers['Content-Type'] = 'text/plain'\n");
        return await RunAsync(port, connections, duration, path, ["-s", folder["post.lua"]]);
    }

    private static async Task<Wrk> RunAsync(int port, int connections, TimeSpan duration, string path, string[] more)
    {
        await using var process = ChildProcess.Start(
            Programs.Need("wrk"), ["-t", "2", "-c", $"{connections}", "-d", $"{(int)duration.TotalSeconds}s", "--latency", .. more, $"http://127.0.0.1:{port}{path}"]);
        var code = await process.WaitForExitAsync(duration + TimeSpan.FromSeconds(20));
        var text = process.Output;
        if (code != 0 || text.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"wrk has ended with {code}:\n{text}");
        }

        return new(
            (long)Number(text, "(?<value>[0-9]+)(?<unit>) requests in"),
            Number(text, "Requests/sec: +(?<value>[0-9.]+)(?<unit>)"),
            text.Contains("Non-2xx", StringComparison.Ordinal) ? (long)Number(text, "Non-2xx or 3xx responses: (?<value>[0-9]+)(?<unit>)") : 0,
            Number(text, " 50% +(?<value>[0-9.]+)(?<unit>[a-z]+)"),
            Number(text, " 99% +(?<value>[0-9.]+)(?<unit>[a-z]+)"));
    }

    /// <summary>A figure of wrk's report; times in milliseconds.</summary>
    private static double Number(string text, string pattern)
    {
        var match = Regex.Match(text, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        var unit = match.Groups["unit"].Value switch
        {
            _ when !match.Success => throw new InvalidOperationException($"wrk's report has no '{pattern}':\n{text}"),
            "us" => 0.001,
            "" or "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            var other => throw new InvalidOperationException($"wrk's unit '{other}' is not known."),
        };
        return double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture) * unit;
    }
}
