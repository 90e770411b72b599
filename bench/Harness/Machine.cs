using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Admission.Bench;

/// <summary>The machine that the figures are from, and what was measured on it.</summary>
public static class Machine
{
    public static string Describe()
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        return $"{Environment.ProcessorCount} cores ({cpu}), {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {Engine}, {Commit}";
    }

    /// <summary>The engine that this program was built with, told by the library that lies beside it: what it starts was built from the same packages.</summary>
    private static string Engine
    {
        get
        {
            var real = Path.Combine(AppContext.BaseDirectory, "Orleans.Core.Abstractions.dll");
            var gateway = Path.Combine(Path.GetDirectoryName(Repository.Gateway)!, "Orleans.Core.Abstractions.dll");
            return new[] { real, gateway }.FirstOrDefault(File.Exists) is { } engine ? $"Orleans {FileVersionInfo.GetVersionInfo(engine).ProductVersion?.Split('+')[0]}" : "the Orleans fallback";
        }
    }

    private static string Commit
    {
        get
        {
            if (Git("rev-parse", "--short=9", "HEAD") is not { Length: > 0 } commit)
            {
                return "no commit (not a checkout of git)";
            }

            // The page and its pictures change by the very run.
            return Git("status", "--porcelain", "--", "src", "bench", "tests", "Directory.Packages.props") is { Length: 0 } ? $"commit {commit}" : $"commit {commit} and changes";
        }
    }

    /// <summary>What git says; null if there is no git, or no checkout.</summary>
    private static string? Git(params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var text = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? text.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
