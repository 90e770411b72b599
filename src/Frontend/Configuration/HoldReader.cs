using Admission.Capacity;
using Admission.Frontend.Holding;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads <c>Admission:Backends:{clusterId}:Hold</c> (one word, or a section), and what a route's metadata says of it.</summary>
internal static class HoldReader
{
    /// <summary>The setting's name.</summary>
    public const string Key = "Hold";

    private const string On = "Heartbeat";
    private const string Off = "Off";
    private const string EventStream = "EventStream";

    private static readonly (string Name, HoldFormat Value)[] Formats = [("Json", HoldFormat.Json), ("Xml", HoldFormat.Xml), (EventStream, HoldFormat.EventStream)];

    /// <summary>Reads the section; mistakes go to the reader's errors.</summary>
    /// <param name="backend">The backend's section.</param>
    /// <param name="policy">The backend's policy, read so far.</param>
    public static HoldSettings Read(SectionReader backend, BackendPolicy policy)
    {
        var reader = backend.Child(Key);
        var defaults = HoldSettings.Default;
        var format = reader.Choice("Format", Formats) ?? defaults.Format;
        var mode = reader.Choice("Mode", (On, true), (Off, false));
        var word = reader.Value is null ? null : backend.Choice(Key, (On, true), (Off, false));
        if (mode is not null && word is not null)
        {
            reader.Error("Mode", "it is said twice. Leave this out.");
        }

        var settings = new HoldSettings
        {
            Enabled = word ?? mode ?? defaults.Enabled,
            Every = reader.Duration("Every", defaults.Every, HoldSettings.Shortest, HoldSettings.Longest),
            After = reader.Duration("After", defaults.After, TimeSpan.Zero, HoldSettings.Longest),
            MaxWait = reader.Has("MaxWait") ? reader.Duration("MaxWait", policy.MaxWait, TimeSpan.FromMilliseconds(1), AdmissionRequest.LongestHeldWait) : null,
            Format = format,
            MaxResult = SettingsReader.Within(reader, "MaxResult", reader.Bytes("MaxResult") ?? defaults.MaxResult, 64L << 20),
        };
        if (settings.MaxWait is not null && MissingQueue(policy) is { } mistake)
        {
            reader.Error("MaxWait", mistake);
        }

        reader.RefuseTheRest();
        return settings;
    }

    /// <summary>What is wrong with a wait of its own at a backend; null for nothing.</summary>
    public static string? MissingQueue(BackendPolicy policy) => policy.Overflow == Overflow.Wait ? null
        : "a wait is given, but nothing waits at this backend. Say Overflow: Wait, or leave it out.";

    /// <summary>Reads one key of a route; <paramref name="duration"/> reads one between bounds.</summary>
    public static RouteHold Apply(RouteHold hold, string part, string value, Func<string, TimeSpan, TimeSpan, TimeSpan?> duration, Action<string> error) => part switch
    {
        "" => hold with { Enabled = Choose(value, [(On, true), (Off, false)], error) },
        "Every" => hold with { Every = duration(value, HoldSettings.Shortest, HoldSettings.Longest) },
        "After" => hold with { After = duration(value, TimeSpan.Zero, HoldSettings.Longest) },
        "MaxWait" => hold with { MaxWait = duration(value, TimeSpan.FromMilliseconds(1), AdmissionRequest.LongestHeldWait) },
        _ => hold with { Format = Choose(value, Formats, error) },
    };

    private static T? Choose<T>(string value, (string Name, T Value)[] choices, Action<string> error)
        where T : struct
    {
        foreach (var (name, choice) in choices)
        {
            if (string.Equals(name, value.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return choice;
            }
        }

        var names = choices.Select(choice => choice.Name).ToArray();
        error($"'{value}' is not possible. Choose {string.Join(" or ", names)}.{Spelling.DidYouMean(value, names)}");
        return null;
    }
}
