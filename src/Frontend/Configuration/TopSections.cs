using Admission.Grains.Cluster;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Finds sections of the gateway's configuration that are nearly called like one of ours: nobody would read them, and there would be no limit.</summary>
/// <remarks>Single values are left alone, because every variable of the environment is one; and so is what is further away, because it belongs to somebody else.</remarks>
internal static class TopSections
{
    // A short name is near to words that mean something else.
    private static readonly (string Name, int Letters)[] Ours = [(SettingsReader.SectionName, 2), (YarpConfiguration.SectionName, 2), (ClusterSettingsReader.SectionName, 1)];

    /// <summary>Reports them.</summary>
    public static void Check(IConfiguration root, List<string> errors)
    {
        foreach (var section in root.GetChildren().Where(section => section.GetChildren().Any()))
        {
            foreach (var (name, letters) in Ours)
            {
                if (Spelling.Distance(section.Key, name) is var distance && distance > 0 && distance <= letters)
                {
                    errors.Add($"{section.Key}: there is no such section. Did you mean '{name}'?");
                }
            }
        }
    }
}
