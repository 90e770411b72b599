using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Xml;

namespace Admission.Frontend.Holding;

/// <summary>A problem in XML: RFC 9457, appendix B. Members of objects are elements of their name, those of lists are <c>i</c>; headers, whose names need not be names in XML, have <c>name</c> and <c>value</c>.</summary>
internal static class XmlProblem
{
    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:ietf:rfc:7807";

    private const string Headers = "headers";

    private static readonly XmlWriterSettings Settings = new() { OmitXmlDeclaration = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    /// <summary>Writes a problem that is given in JSON, without an XML declaration.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlyMemory<byte> problem)
    {
        using var json = JsonDocument.Parse(problem);
        using var text = new MemoryStream();
        using (var xml = XmlWriter.Create(text, Settings))
        {
            xml.WriteStartElement("problem", Namespace);
            WriteMembers(xml, json.RootElement);
            xml.WriteEndElement();
        }

        output.Write(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    private static void WriteMembers(XmlWriter xml, JsonElement members)
    {
        foreach (var member in members.EnumerateObject())
        {
            if (member.NameEquals(Headers) && member.Value.ValueKind == JsonValueKind.Object)
            {
                WriteHeaders(xml, member.Value);
            }
            else if (member.Value.ValueKind == JsonValueKind.String && !IsPossible(member.Value.GetString()!))
            {
                // XML has no way to write most control characters.
                xml.WriteElementString($"{XmlConvert.EncodeLocalName(member.Name)}-base64", Namespace, Convert.ToBase64String(Encoding.UTF8.GetBytes(member.Value.GetString()!)));
            }
            else
            {
                xml.WriteStartElement(XmlConvert.EncodeLocalName(member.Name), Namespace);
                WriteValue(xml, member.Value);
                xml.WriteEndElement();
            }
        }
    }

    private static void WriteValue(XmlWriter xml, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteMembers(xml, value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    xml.WriteStartElement("i", Namespace);
                    WriteValue(xml, item);
                    xml.WriteEndElement();
                }

                break;
            case JsonValueKind.String:
                xml.WriteString(value.GetString());
                break;
            case JsonValueKind.Null:
                break;
            default:
                xml.WriteString(value.GetRawText());
                break;
        }
    }

    private static void WriteHeaders(XmlWriter xml, JsonElement headers)
    {
        xml.WriteStartElement(Headers, Namespace);
        foreach (var header in headers.EnumerateObject())
        {
            foreach (var value in header.Value.EnumerateArray())
            {
                xml.WriteStartElement("i", Namespace);
                xml.WriteElementString("name", Namespace, header.Name);
                xml.WriteElementString("value", Namespace, value.GetString());
                xml.WriteEndElement();
            }
        }

        xml.WriteEndElement();
    }

    private static bool IsPossible(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i]))
            {
                continue;
            }

            if (i + 1 >= text.Length || !XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}
