namespace Admission.Frontend.Holding;

/// <summary>In which format a connection is kept alive.</summary>
internal enum HoldFormat
{
    /// <summary>None fits: it is not.</summary>
    None,

    /// <summary>White space before a JSON text (RFC 8259 section 2).</summary>
    Json,

    /// <summary>White space between the XML declaration and the document (XML 1.0, productions 22 and 27).</summary>
    Xml,

    /// <summary>Comments between server-sent events.</summary>
    EventStream,
}
