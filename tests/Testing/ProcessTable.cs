namespace Admission.Testing;

/// <summary>What /proc says of the processes.</summary>
public static class ProcessTable
{
    /// <summary>The processes of one group with their states.</summary>
    public static IEnumerable<(int Id, char State)> Group(int group)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && Read(id) is { } fields && int.Parse(fields[2]) == group)
            {
                yield return (id, fields[0][0]);
            }
        }
    }

    // The fields after the command's name, which may contain anything: state, parent, group, ...
    private static string[]? Read(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
