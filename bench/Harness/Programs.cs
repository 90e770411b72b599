namespace Admission.Bench;

/// <summary>What must be installed. Nothing is installed by a benchmark: it says what it lacks.</summary>
public static class Programs
{
    private static readonly string[] Folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/usr/local/sbin"];

    /// <summary>The path of a program; throws with the Debian package's name where it is not there.</summary>
    public static string Need(string program, string? package = null) =>
        Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"Missing: {program} (Debian package {package ?? program}). Install it and run this again.");
}
