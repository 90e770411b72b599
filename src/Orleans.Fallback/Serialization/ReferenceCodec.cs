using System.Runtime.Serialization;
using System.Text.Json;
using Orleans.Fallback.Engine;
using Orleans.Fallback.References;
using Orleans.Runtime;

namespace Orleans.Fallback.Serialization;

/// <summary>References to grains and observers: the identity, and the interface where it is not the declared one.</summary>
internal sealed class ReferenceCodec
{
    private readonly Dictionary<string, Type> _interfaces = new(StringComparer.Ordinal);
    private readonly Lazy<ReferenceFactory> _references;

    public ReferenceCodec(ApplicationTypes types, Lazy<ReferenceFactory> references)
    {
        _references = references;
        foreach (var type in types.Interfaces)
        {
            _ = _interfaces.TryAdd(GrainReference.InterfaceOf(type).ToString(), type);
        }
    }

    /// <summary>The interface with this name in identities and messages.</summary>
    public Type? FindInterface(string name) => _interfaces.GetValueOrDefault(name);

    public static void Write(MessageWriter writer, object value, Type declared)
    {
        var reference = value as GrainReference ?? ((GrainProxy)value).Reference;
        var grain = reference.GrainId.ToString();
        if (declared != typeof(GrainReference) && reference.InterfaceType.Equals(GrainReference.InterfaceOf(declared)))
        {
            writer.Json.WriteStringValue(grain);
            return;
        }

        writer.StartObject();
        writer.Json.WriteString(Words.Grain, grain);
        writer.Json.WriteString(Words.Interface, reference.InterfaceType.ToString());
        writer.Json.WriteEndObject();
    }

    public object Read(ref MessageReader reader, Type declared)
    {
        if (reader.Token == JsonTokenType.String)
        {
            return _references.Value.Create(declared, Atom.ParseGrainId(reader.Text()));
        }

        reader.Expect(JsonTokenType.StartObject);
        var grain = ReadText(ref reader, Words.Grain);
        var interfaceName = ReadText(ref reader, Words.Interface);
        reader.Advance();
        reader.Expect(JsonTokenType.EndObject);
        if (declared == typeof(GrainReference))
        {
            return new GrainReference(_references.Value, Atom.ParseGrainId(grain), GrainInterfaceType.Create(interfaceName));
        }

        return FindInterface(interfaceName) is { } type && type.IsAssignableTo(declared)
            ? _references.Value.Create(type, Atom.ParseGrainId(grain))
            : throw new SerializationException($"The message has a reference by '{interfaceName}' in a place of type {declared}.");
    }

    private static string ReadText(ref MessageReader reader, JsonEncodedText name)
    {
        reader.Advance();
        if (!reader.NameIs(name))
        {
            throw new SerializationException($"The message has a reference without '{name}'.");
        }

        reader.Advance();
        return reader.Text();
    }
}
