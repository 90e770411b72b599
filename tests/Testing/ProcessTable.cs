namespace Admission.Testing;

/// <summary>What /proc says of the processes.</summary>
public static class ProcessTable
{
    /// <summary>The processes of one group with their states.</summary>
    public static IEnumerable<(int Id, char State)> Group(int group) => All().Where(each => int.Parse(each.Fields[2]) == group).Select(each => (each.Id, each.Fields[0][0]));

    /// <summary>The processes that one has started, without those that they have started.</summary>
    public static IEnumerable<int> Children(int parent) => All().Where(each => int.Parse(each.Fields[1]) == parent).Select(each => each.Id);

    private static IEnumerable<(int Id, string[] Fields)> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && Read(id) is { } fields)
            {
                yield return (id, fields);
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
