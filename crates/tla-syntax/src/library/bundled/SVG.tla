--------------------------------- MODULE SVG ----------------------------------
\* Pictures as trees of elements of Scalable Vector Graphics. An element is a record of its name, its attributes (a function
\* from names to strings), its children (a sequence or another function) and its text.
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
LOCAL INSTANCE Integers
LOCAL INSTANCE TLC
LOCAL INSTANCE FiniteSets

SVGElem(_name, _attrs, _children, _innerText) ==
    [name |-> _name, attrs |-> _attrs, children |-> _children, innerText |-> _innerText]

\* An element with attributes of its own; further ones do not replace them.
LOCAL Shape(_name, own, attrs, text) == SVGElem(_name, own @@ attrs, <<>>, text)

Line(x1, y1, x2, y2, attrs) ==
    LET own == [x1 |-> ToString(x1), y1 |-> ToString(y1), x2 |-> ToString(x2), y2 |-> ToString(y2)]
    IN  Shape("line", own, attrs, "")
Circle(cx, cy, r, attrs) ==
    LET own == [cx |-> ToString(cx), cy |-> ToString(cy), r |-> ToString(r)]
    IN  Shape("circle", own, attrs, "")
Rect(x, y, w, h, attrs) ==
    LET own == [x |-> ToString(x), y |-> ToString(y), width |-> ToString(w), height |-> ToString(h)]
    IN  Shape("rect", own, attrs, "")
Text(x, y, text, attrs) == Shape("text", [x |-> ToString(x), y |-> ToString(y)], attrs, text)
Image(x, y, width, height, href, attrs) ==
    LET place == [x |-> ToString(x), y |-> ToString(y), width |-> ToString(width), height |-> ToString(height)]
    IN  Shape("image", ("xlink:href" :> href) @@ place, attrs, "")

Group(children, attrs) == SVGElem("g", attrs, children, "")
Svg(children, attrs) == SVGElem("svg", attrs, children, "")

\* A whole document that shows the given rectangle.
SVGDoc(children, vbX, vbY, vbW, vbH, attrs) ==
    LET corner == ToString(vbX) \o " " \o ToString(vbY)
        own == ("xmlns:xlink" :> "http://www.w3.org/1999/xlink")
            @@ ("xmlns" :> "http://www.w3.org/2000/svg")
            @@ ("viewBox" :> corner \o " " \o ToString(vbW) \o " " \o ToString(vbH))
    IN  Svg(<<children>>, own @@ attrs)

\* The element as text. In names of attributes a hyphen is written for an underscore, and the brackets of a tuple in a text
\* are written so that they do not open or close an element. The evaluator does the work.
SVGElemToString(elem) == CHOOSE text : text \in STRING

-------------------------------------------------------------------------------
\* Places. Coordinates are rounded towards zero.

\* The place of node n of m nodes on a circle, the first one to the right of the center. Sines have no definition here; the
\* evaluator computes them.
NodeOfRingNetwork(cx, cy, r, n, m) == CHOOSE place : TRUE

\* The places of the nodes of a graph as an algorithm for drawing graphs chooses them.
NodesOfDirectedMultiGraph(nodes, edges, options) == CHOOSE places : TRUE

LOCAL TowardsZero(dividend, divisor) ==
    IF dividend < 0 THEN -((-dividend) \div divisor) ELSE dividend \div divisor

\* The place after one of as many steps as `segment` says from one place to another.
PointOnLine(from, to, segment) ==
    LET Between(a, b) == TowardsZero(a * segment + b - a, segment)
    IN  [x |-> Between(from.x, to.x), y |-> Between(from.y, to.y)]

-------------------------------------------------------------------------------
\* Writes an element into a file whose name ends with a number.
SVGSerialize(svg, frameNamePrefix, frameNumber) ==
    LET Files == INSTANCE IOUtils
        options == [format |-> "TXT",
                    charset |-> "UTF-8",
                    openOptions |-> <<"WRITE", "CREATE", "TRUNCATE_EXISTING">>]
        name == frameNamePrefix \o Files!zeroPadN(frameNumber, 3) \o ".svg"
    IN  Files!Serialize(SVGElemToString(svg), name, options)
===============================================================================
