using System.Diagnostics;

namespace Admission.Telemetry.Tests.Support;

/// <summary>Prometheus' own checks, of Debian's package.</summary>
internal static class Promtool
{
    private const string Tool = "/usr/bin/promtool";

    /// <summary>Skips the test where it is missing.</summary>
    public static void Need() => Skip.IfNot(File.Exists(Tool), $"Needs {Tool} of the Debian package prometheus: apt-get install prometheus, or ./test as root.");

    /// <summary>Runs it.</summary>
    /// <returns>The exit code, and what it said.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Tool, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("It does not start.");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
