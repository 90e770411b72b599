using System.Collections.Immutable;
using System.Globalization;
using System.Reflection.Metadata;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>Writes types of a signature as text, without the assembly that they come from.</summary>
public sealed class SignatureText : ISignatureTypeProvider<string, SignatureText.Names>
{
    /// <summary>The names of the generic parameters in scope.</summary>
    public sealed record Names(ImmutableArray<string> Type, ImmutableArray<string> Method);

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        var declaring = type.GetDeclaringType();
        return declaring.IsNil
            ? Join(reader.GetString(type.Namespace), name)
            : GetTypeFromDefinition(reader, declaring, 0) + "+" + name;
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0) + "+" + name
            : Join(reader.GetString(type.Namespace), name);
    }

    public string GetTypeFromSpecification(MetadataReader reader, Names genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetArrayType(string elementType, ArrayShape shape) =>
        elementType + "[" + new string(',', shape.Rank - 1) + "]";

    public string GetByReferenceType(string elementType) => "ref " + elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) =>
        string.Create(CultureInfo.InvariantCulture, $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")}({modifier})");

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        genericType + "<" + string.Join(", ", typeArguments) + ">";

    public string GetGenericTypeParameter(Names genericContext, int index) => genericContext.Type[index];

    public string GetGenericMethodParameter(Names genericContext, int index) => genericContext.Method[index];

    public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate*";

    private static string Join(string ns, string name) => ns.Length == 0 ? name : ns + "." + name;
}
