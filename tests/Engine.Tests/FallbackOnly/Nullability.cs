using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>Where null may stand in the type of one parameter or of the result: 0 does not say, 1 never, 2 yes, for each type in it.</summary>
/// <remarks>A product that compiles here without warnings must do so against real Orleans, where warnings are errors too.</remarks>
public sealed record Nullability(string Place, ImmutableArray<byte> Flags)
{
    /// <summary>The result's and then each parameter's.</summary>
    public static ImmutableArray<Nullability> Of(MetadataReader reader, MethodDefinitionHandle handle)
    {
        var method = reader.GetMethodDefinition(handle);
        var context = Context(reader, handle);
        var parameters = method.GetParameters().Select(reader.GetParameter).ToDictionary(parameter => parameter.SequenceNumber);
        var count = method.DecodeSignature(new SignatureText(), Names(reader, method)).ParameterTypes.Length;
        return [.. Enumerable.Range(0, count + 1).Select(number => new Nullability(
            number == 0 ? "the result" : $"parameter {number}",
            (parameters.TryGetValue(number, out var parameter)
                ? Find(reader, parameter.GetCustomAttributes(), "NullableAttribute") : null) ?? [context]))];
    }

    /// <summary>Whether a caller could see a difference. What real Orleans does not say, ours may; ours says nothing of value types only.</summary>
    public bool AgreesWith(Nullability real)
    {
        var length = Math.Max(Flags.Length, real.Flags.Length);
        return Enumerable.Range(0, length).All(i => real.At(i) == 0 || At(i) == 0 || real.At(i) == At(i));
    }

    // One flag stands for all.
    private byte At(int index) => Flags.Length == 1 ? Flags[0] : index < Flags.Length ? Flags[index] : (byte)0;

    private static SignatureText.Names Names(MetadataReader reader, MethodDefinition method)
    {
        var type = reader.GetTypeDefinition(method.GetDeclaringType());
        return new(Names(reader, type.GetGenericParameters()), Names(reader, method.GetGenericParameters()));
    }

    private static ImmutableArray<string> Names(MetadataReader reader, GenericParameterHandleCollection parameters) =>
        [.. parameters.Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name))];

    private static byte Context(MetadataReader reader, MethodDefinitionHandle handle)
    {
        var method = reader.GetMethodDefinition(handle);
        var found = Find(reader, method.GetCustomAttributes(), "NullableContextAttribute");
        for (var type = method.GetDeclaringType(); found is null && !type.IsNil; type = reader.GetTypeDefinition(type).GetDeclaringType())
        {
            found = Find(reader, reader.GetTypeDefinition(type).GetCustomAttributes(), "NullableContextAttribute");
        }

        found ??= Find(reader, reader.GetModuleDefinition().GetCustomAttributes(), "NullableContextAttribute");
        return found is [var flag] ? flag : (byte)0;
    }

    private static ImmutableArray<byte>? Find(MetadataReader reader, CustomAttributeHandleCollection attributes, string name)
    {
        foreach (var attribute in attributes.Select(reader.GetCustomAttribute))
        {
            var type = attribute.Constructor.Kind == HandleKind.MemberReference
                ? reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent
                : reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType();
            var typeName = type.Kind == HandleKind.TypeReference
                ? reader.GetTypeReference((TypeReferenceHandle)type).Name
                : reader.GetTypeDefinition((TypeDefinitionHandle)type).Name;
            if (reader.GetString(typeName) != name)
            {
                continue;
            }

            // The blob is a prolog of two bytes, then one byte, or a length of four bytes and as many bytes; then a count of two bytes.
            var blob = reader.GetBlobReader(attribute.Value);
            blob.Offset = 2;
            return blob.Length <= 5 ? [blob.ReadByte()] : [.. blob.ReadBytes(blob.ReadInt32())];
        }

        return null;
    }
}
