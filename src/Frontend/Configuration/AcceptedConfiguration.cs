namespace Admission.Frontend.Configuration;

/// <summary>
/// The configuration in force: a copy of the sections <c>ReverseProxy</c> and <c>Admission</c> of the raw one, replaced as a whole once a change has been
/// checked. YARP and admission read only this, so neither ever sees half a change or a wrong one.
/// </summary>
internal sealed class AcceptedConfiguration
{
    private static readonly string[] Sections = [YarpConfiguration.SectionName, SettingsReader.SectionName];

    private readonly CopyProvider _copy = new();

    public AcceptedConfiguration() => Root = new ConfigurationBuilder().Add(new CopySource(_copy)).Build();

    public IConfigurationRoot Root { get; }

    /// <summary>Takes a copy of the raw configuration, and tells the readers.</summary>
    /// <returns>Whether anything is different.</returns>
    public bool Accept(IConfiguration raw)
    {
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in Sections.SelectMany(section => raw.GetSection(section).AsEnumerable()))
        {
            data[key] = value;
        }

        return _copy.Replace(data);
    }

    private sealed class CopySource(CopyProvider provider) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => provider;
    }

    private sealed class CopyProvider : ConfigurationProvider
    {
        public bool Replace(Dictionary<string, string?> data)
        {
            if (data.Count == Data.Count && data.All(entry => Data.TryGetValue(entry.Key, out var old) && string.Equals(old, entry.Value, StringComparison.Ordinal)))
            {
                return false;
            }

            Data = data;
            OnReload();
            return true;
        }
    }
}
